"""What pages ask of their readers: to share, to follow, to subscribe, to watch a video.

Parts of patterns for whole lines that ignore case, in the languages of ``pointers``. They leave
out commas, full stops and quotation marks, which a story that speaks of such a line would have.
"""

from typing import Final

_NETWORKS = (
    r"facebook|twitter|x|whatsapp|wa|telegram|line|pinterest|linkedin|threads|instagram|tiktok"
    r"|youtube|bluesky|reddit|e-?mail|messenger|google news|google"
)
SHARE: Final = (
    rf"{_NETWORKS}"
    r"|share(?: this)?(?: article| story| post| page)?(?: (?:on|via|to|with) [\w ]{1,30})?"
    r"|bagikan(?: (?:artikel|berita) ini| (?:ke|di) \w+| :)?|sebarkan|print|cetak|copy link"
    r"|salin tautan|tweet|a[+-]|komentar|comments?|leave a comment|download|simpan|save"
    r"|follow us|ikuti kami"
    r"|(?:(?:artikel|beitrag) )?(?:teilen|drucken|merken|kommentieren)|kommentare?"
    r"|partager(?: (?:l['’]article|cet article|sur \w+|par e-?mail))?|imprimer|commenter|réagir"
    r"|compartir(?: (?:en|por|este artículo) ?\w*)?|imprimir|guardar|comentarios|comentar"
    r"|del(?: (?:på|saken|artikkelen) ?\w*)?|skriv ut|kommenter|kommentarer"
    r"|sdílet(?: (?:na|článek) ?\w*)?|vytisknout|tisk|diskuse|poslat e-?mailem"
    rf"|(?:auf|sur|en|på|na|di|ke|on|via) (?:{_NETWORKS})(?: (?:teilen|delen|sdílet))?"
)
FOLLOW: Final = (
    r"(?:follow (?:us|our \w+)|ikuti (?:kami|(?:berita|kabar|saluran)(?: \w+){0,4})"
    r"|folgen sie uns|folge uns|suivez[- ]nous|síguenos|síganos|siga nuestr[ao]s? \w+|følg oss"
    r"|sledujte nás) (?:on|di|melalui|lewat|auf|bei|sur|en|på|na|via)"
    rf" (?:our |kanal |saluran |media sosial )?(?:{_NETWORKS})"
    rf"(?:[ ,/&]{{1,3}}(?:dan|and|und|et|y|og|a|atau|or|{_NETWORKS}|@\w{{1,30}})){{0,8}}\W{{0,3}}"
)
GOOGLE_NEWS: Final = (
    r"(?:cek|baca|ikuti|dapatkan|simak|lihat|temukan|follow|get|read|find|see|catch)\b"
    r"[^.!?\"“”]{0,120}\s(?:di|on|via|melalui|lewat|in|at) google news"
    r"(?:[\s,:;()]{1,3}(?:dan|atau|serta|and|&|wa|whatsapp|telegram|channel|saluran|kanal|kami|ini"
    r"|di|klik|sini|dengan|lewat|link|tautan|berikut|here|now|click|kompas\.com|tribun\w{0,12}))"
    r"{0,12}\W{0,4}"
)
CHANNEL: Final = (
    r"(?:dapatkan|ikuti|simak|gabung|bergabung|join|follow|mari bergabung|yuk)\b[^\"“”]{0,200}"
    r"(?:\bt\.me/|whatsapp\.com/|(?:channel|saluran|kanal|grup|group) (?:wa|whatsapp|telegram)"
    r"|(?:wa|whatsapp|telegram) (?:channel|group|grup))[^\"“”]{0,60}"
    r"(?:\b(?:klik|join|bergabung|gabung|install|click|follow|lalu|kemudian)\b.{0,160}|\W)"
)
_ENROL = (
    r"(?:click here to |tap here to )?(?:sign up|subscribe|register|join|get|receive)"
    r"|(?:jetzt |hier )?(?:abonnieren|bestellen)|melden sie sich|abonnieren sie|registrieren sie"
    r"|inscrivez[- ]vous|abonnez[- ]vous|recevez|s['’]inscrire|s['’]abonner"
    r"|suscríb[ea](?:te|se)|regístr[ea](?:te|se)|reciba?|apúnt[ea](?:te|se)|meld deg|få|abonner"
    r"|přihlaste se|přihlásit|odebírejte|odběr|berlangganan|daftar|dapatkan"
)
_LETTER = (
    r"(?:e-?mail )?newsletters?|newsletterů?|newsletteru|nyhetsbrev(?:et)?|boletín(?:es)?"
    r"|infolettre|buletin|(?:email|breaking news|news) alerts?|inbox"
)
NEWSLETTER: Final = (
    rf"(?:{_ENROL})\b[^.!?,;:\"“”]{{0,120}}?\s(?:{_LETTER})"
    r"(?: (?:kami|an|ab|på e-post|here|today|now|gratis|di sini|hier|ici|aquí|her|vårt|for free"
    r"|zdarma)){0,2}\W{0,3}"
    rf"|(?:jetzt |hier |unseren )?(?:{_LETTER}) (?:abonnieren|bestellen)\W{{0,3}}"
)
_SEE = r"(?:simak|lihat|tonton|saksikan|watch)(?: (?:juga|pula|selengkapnya|also))?(?: the)?"
_KIND = r"(?: (?:pilihan|menarik|lengkap|terkait|lainnya|selengkapnya))?"
_BELOW = r"(?: (?:berikut|di bawah|below|di sini)(?: ini)?)?"
VIDEO: Final = (
    rf"{_SEE} (?:video|vídeo){_KIND}{_BELOW}\s*(?::\s*|(?=[\"“'‘]))"
    r"[\"“'‘]?(?P<value>[^\"“”]{3,200}?)[\"”'’]?\s*:?"
)
VIDEO_BELOW: Final = rf"{_SEE} (?:video|vídeo){_KIND}{_BELOW}\W{{0,4}}"
