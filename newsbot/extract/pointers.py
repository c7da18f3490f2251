"""Words that point the reader to another article: a related one, or the original of a copy.

Each is a part of a pattern, in lower case, for patterns that ignore it. ``RELATED`` words with a
colon never begin a sentence. ``OPEN`` words might: they count only where the rest of the line is a
link, or a list of links follows. The languages are Indonesian, English, German, French, Spanish,
Norwegian and Czech.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from newsbot.extract.body import Anchor, Line
from newsbot.extract.normalise import one_line

RELATED: Final = (
    r"baca(?: juga| pula)?|(?:simak|lihat|tonton|saksikan) (?:juga|pula)"
    r"|(?:berita|artikel|bacaan) (?:terkait|lainnya)|(?:pilihan|rekomendasi) (?:editor|redaksi)"
    r"|related(?: news| articles?| stor(?:y|ies)| posts?| coverage| topics?)?"
    r"|read (?:also|next)|also read|see also|you (?:may|might) also (?:like|be interested in)"
    r"|editors?['’]?s?['’]? (?:picks?|choice)|recommended (?:reading|stories|articles)"
    r"|(?:lesen|sehen|hören) sie (?:auch|dazu)(?: auch)?|lies auch|siehe auch|lesetipps?"
    r"|das könnte sie auch interessieren|mehr zum thema"
    r"|(?:à |a )?(?:lire|voir|écouter) (?:aussi|également)|lisez aussi"
    r"|sur le même (?:sujet|thème)|articles? (?:liés?|connexes?)"
    r"|(?:lea|lee|leer|vea|ver|mira) (?:también|además)|artículos? relacionados?"
    r"|(?:también )?(?:te|le) puede(?: también)? interesar|noticias? relacionadas?"
    r"|(?:les|se|hør) også|relatert(?:e saker)?"
    r"|(?:čtěte|přečtěte si|podívejte se|sledujte) (?:také|též|i)|viz také"
    r"|mohlo by vás (?:také )?zajímat|související(?: články| zprávy)?"
)
OPEN: Final = (
    r"simak|lihat|tonton|saksikan|read more|more on this(?: story)?|more|watch|must read"
    r"|don['’]t miss|mehr dazu|mehr|auch interessant|plus d['’]infos?|pour aller plus loin"
    r"|más información|les mer(?: om saken)?|bakgrunn|více (?:k tématu|čtěte|zde)|více"
)
_MARKS: Final = r"[\[(>•*►▶»-]*\s*"
_ANY_RELATED: Final = f"(?:{RELATED}|{OPEN})"
_RELATED_LABEL = re.compile(rf"{_MARKS}{_ANY_RELATED}\s*[:|»>–—-]?\s*", re.IGNORECASE)
_GLUED = re.compile(
    rf"(?<=[.!?”\"’)…])\s*(?P<label>{_MARKS}{_ANY_RELATED}\s*[:|»>–—-]?\s*)$", re.IGNORECASE
)
_LONGEST_LABEL: Final = 60  # characters
_LONGEST_CREDIT: Final = 600  # characters
# What a copy's link to its original says, alone on its line.
ORIGINAL_LINK: Final = (
    r"read (?:the )?(?:entire|full|original|whole|complete) (?:article|story|post)"
    r"(?: (?:here|on|at) .{2,60})?"
    r"|baca (?:artikel|berita) (?:asli(?:nya)?|lengkap(?:nya)?|selengkapnya|sumber)"
    r"(?: (?:di sini|di) .{2,60})?"
    r"|(?:artikel|berita|sumber|tautan|link|laman) asli(?:nya)?|(?:tautan|link) (?:sumber|asal)"
    r"|sumber (?:artikel|berita)"
    r"|(?:article |original |story )?source(?: link| article)|(?:link to )?(?:the )?original source"
    r"|original (?:article|story|post|link)|via source"
    r"|view (?:the )?original(?: article| post| story)?|continue reading|baca sumbernya"
    r"|baca selengkapnya di (?!sini|bawah|halaman).{2,60}|read more (?:at|on) .{2,60}"
)
_WORK: Final = r"(?:artikel|berita|tulisan|konten|naskah|postingan|pos)"
_PLACE: Final = r"(?:(?:laman|situs(?: web)?|portal|media|kanal|website)\s)?"
_NAMED: Final = r"(?-i:[A-Z0-9@(“\"'])[^.!?,;:]{1,40}(?:\.[a-z]{2,9}){0,3}"
_TITLED: Final = r"(?-i:[A-Z0-9“\"'‘«(¿¡]).{1,260}?"
_SINCE: Final = r"(?:\s*[,(]?\s?(?:pada|edisi|on)\s[^.!?]{4,60})?"
_END: Final = r"(?:[.\s]*read the original(?: article| story)?(?: here)?)?\W{0,3}"
_PRINTED_ON: Final = (
    r"appeared first|first appeared|was (?:first|originally) published"
    r"|pertama kali (?:tampil|muncul|tayang|terbit)|(?:tampil|muncul|tayang|terbit) pertama kali"
    r"|erschien zuerst|ist zuerst erschienen|est (?:apparu|paru) en premier|se publicó primero"
    r"|apareció primero|(?:dukket|dukka) (?:først )?opp(?: først)?|pochází z|se nejdříve objevil"
)


def _first_printed(mark: str) -> str:
    """Return the pattern of "This article was first published on …"; ``mark`` begins a title."""
    titled = (
        r"(?:\s?(?:,?\s(?:dengan|berjudul|under|with|as)\b(?: the)?(?: (?:judul|headline|title))?"
        rf"\s?{mark}.{{1,280}}|\W{{0,3}}(?:klik|baca|click)\b.{{1,200}}))?"
    )
    return (
        rf"{_WORK}\s(?:ini|asli(?:nya)?)\s(?:(?:telah|sudah|pernah|pertama kali|lebih dulu)\s)"
        r"{0,3}(?:di)?(?:tayang|terbit|muat|publikasi|muncul)(?:kan)?(?: pertama kali)?"
        rf"\s(?:di|pada|oleh)\s{_PLACE}{_NAMED}{_SINCE}{titled}{_END}"
        r"|this (?:article|story|post|piece|report) (?:(?:was|has been|had been|is) )?"
        r"(?:(?:first|originally|previously) )?(?:appeared|published|posted|republished|reproduced)"
        rf"(?: first)? (?:on|in|at|by|from) (?:the )?{_NAMED}{_SINCE}{titled}{_END}"
        r"|(?:the (?:post|article|story|entry)|artikel|berita|postingan|pos|der (?:beitrag|artikel)"
        r"|l['’]article|la entrada|el artículo|innlegget|příspěvek|článek)\s"
        rf"{_TITLED}\s(?:{_PRINTED_ON})(?: (?:on|in|at|di|pada|auf|bei|sur|dans|en|på|na))? "
        rf"(?:the )?{_NAMED}\W{{0,3}}"
    )


FIRST_PRINTED: Final = _first_printed("[:\"“'‘«]")
_LINKED_FIRST_PRINTED = re.compile(rf"^(?:{_first_printed('')})$", re.IGNORECASE)
_SOURCE_LABEL = re.compile(
    r"\W{0,3}(?:(?:sumber|source)(?: (?:artikel|berita|asli|link|article|story))?|(?:artikel|berita"
    r"|link|tautan) (?:asli|sumber)|original (?:source|article|story)|via"
    r"|(?:disadur|dikutip|dilansir) dari|quelle|fuente|kilde|zdroj)(?:\s*:\s*|\s*$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'“”‘’()]{4,400}", re.IGNORECASE)


def related_label(line: Line) -> str | None:
    """Return the title that a line links to, if all it has before is words like "Read also"."""
    if not line.anchors or _RELATED_LABEL.match(line.text) is None:
        return None
    title = line.anchors[-1].text
    lead = line.text.removesuffix(title)
    if len(lead) > _LONGEST_LABEL or not lead.strip() or lead == line.text:
        return None
    return title if _RELATED_LABEL.fullmatch(lead) else None


def split_glued_related(line: Line) -> tuple[str, str] | None:
    """Return the text and the link to another article that is glued to its end."""
    title = line.anchors[-1].text if line.anchors else ""
    if not title or not line.text.endswith(title):
        return None
    before = line.text.removesuffix(title)
    start = max(0, len(before) - _LONGEST_LABEL)
    found = _GLUED.search(before, start)
    if found is None or found.start("label") == 0:
        return None
    return before[: found.start("label")].rstrip(), line.text[found.start("label") :]


def is_related_heading(text: str) -> bool:
    """Return whether a line is such a word alone, and a list of links may follow."""
    return len(text) <= _LONGEST_LABEL and _RELATED_LABEL.fullmatch(text) is not None


def is_first_printed(line: Line) -> bool:
    """Return whether a line says where the story was printed first, and links there.

    Without a link to an article or a title it could be a sentence of the story.
    """
    short = len(line.text) <= _LONGEST_CREDIT
    return short and original_of(line) is not None and bool(_LINKED_FIRST_PRINTED.match(line.text))


def linked_source(line: Line) -> str | None:
    """Return what follows "Source:", if it is a link and nothing else."""
    label = _SOURCE_LABEL.match(line.text) if line.anchors else None
    if label is None:
        return None
    rest = line.text[label.end() :].strip(" .")
    linked = one_line(" ".join(anchor.text for anchor in line.anchors)).strip(" .")
    return rest if linked in (rest, line.text.strip(" .")) else None


def original_of(line: Line) -> str | None:
    """Return the address of the article that a line links to or prints; not that of a home page."""
    printed = (Anchor("", found[0].rstrip(".,;:")) for found in _ADDRESS.finditer(line.text))
    urls = (anchor.url for anchor in [*line.anchors, *printed])
    return next((url for url in urls if url and urlsplit(url).path.strip("/")), None)
