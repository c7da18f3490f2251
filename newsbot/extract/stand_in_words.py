"""The words of pages that stand in an article's place: errors, walls.

A title or a line is judged by a closed vocabulary: every word must be one that such pages use, and
one of them must say what it is ("page not found", "Halaman yang Anda cari tidak ditemukan"). A
headline has other words.
"""

import re
from dataclasses import dataclass
from typing import Final

from newsbot.models import PageKind, WallKind

_LONGEST_LINE: Final = 200  # characters
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True, slots=True)
class NonArticle:
    """What a page is that is no article, and which kind of wall."""

    kind: PageKind
    wall: WallKind | None = None


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words of one kind of page, and what one of its lines must have."""

    verdict: NonArticle
    words: frozenset[str]
    decisive: re.Pattern[str]

    def is_all_of(self, line: str) -> bool:
        """Return whether the line has these words alone, and says what the page is."""
        said = line[:_LONGEST_LINE].casefold().replace("’", "'")
        words = _WORD.findall(said)
        return (
            bool(words)
            and self.words.issuperset(words)
            and self.decisive.search(" ".join(words)) is not None
        )


_SMALL: Final = (
    "a an the this that these it its is are was were be been has have had of for to at in on or "
    "and you your yours we our us i me my here so by from with as please sorry oops whoops uh oh "
    "yang ini itu di ke dari untuk dengan atau dan kami kita anda kamu saya adalah akan oleh pada "
    "mohon maaf silakan silahkan ups waduh yah"
)


def _vocabulary(verdict: NonArticle, words: str, decisive: str) -> _Vocabulary:
    return _Vocabulary(
        verdict, frozenset(f"{_SMALL} {words}".split()), re.compile(rf"\b(?:{decisive})\b")
    )


_SUBJECT: Final = (
    "page pages article articles story stories news content post posts document file url link item "
    "address resource website site web halaman laman artikel berita konten tulisan dokumen tautan "
    "alamat situs postingan data judul post kategori tag"
)
_VOCABULARIES: Final = (
    _vocabulary(
        NonArticle("wall", "region"),
        "not available in region country location area content article page unfortunately sorry "
        "website currently because european legal reasons blocked access unavailable due where "
        "tidak tersedia wilayah negara lokasi konten artikel halaman akses diblokir karena alasan",
        "your (?:region|country|location|area)|(?:wilayah|negara|lokasi) (?:anda|kamu)",
    ),
    _vocabulary(
        NonArticle("wall", "age"),
        "age verification verify confirm are 18 21 years old over enter date birth must content "
        "adults only usia umur verifikasi konfirmasi apakah berusia tahun atas dewasa khusus "
        "konten tanggal lahir masukkan sudah",
        "age|usia|umur|years old|berusia|adults only|dewasa",
    ),
    _vocabulary(
        NonArticle("wall", "adblock"),
        "ad ads adblock adblocker block blocker blockers detected disable disabled turn off "
        "whitelist allow support using use continue reading site pemblokir iklan terdeteksi "
        "nonaktifkan matikan mematikan menonaktifkan adblocker situs dukung melanjutkan membaca",
        "ad ?block\\w*|pemblokir iklan",
    ),
    _vocabulary(
        NonArticle("soft-404"),
        f"{_SUBJECT} 404 410 400 403 500 502 503 504 http error status code not found no longer "
        "available unavailable exist exists does doesn't do don't did didn't could couldn't can "
        "can't cannot been moved removed deleted missing gone lost expired looking searching "
        "requested request trying reach seem seems anything nothing results result matches what "
        "there there's isn't wasn't that's something went wrong occurred internal server bad "
        "gateway service temporarily under maintenance down back soon try again later invalid "
        "broken who where when find see go home we're we've you're it's unfortunately any more "
        "anymore now currently exception fatal unexpected technical difficulties "
        "tidak tak bukan belum ditemukan temukan menemukan tersedia ada dapat bisa lagi sudah "
        "telah dihapus hilang dipindahkan dipindah pindah diakses cari dicari mencari tuju maksud "
        "minta diminta kesalahan terjadi galat sedang dalam perbaikan pemeliharaan gangguan "
        "sistem server nanti coba kembali beberapa saat hasil apa apapun pun rusak kedaluwarsa "
        "kadaluarsa ditarik diturunkan dicabut sayang sayangnya suspended ditangguhkan dead lost "
        "wandered wrong way hmm ooops duh nggak gak ga enggak kamu tersesat salah redirecting "
        "redirected dialihkan mengalihkan too many requests supported unsupported browser peramban "
        "didukung outdated akun account berakhir ended today's yet",
        "not found|404|410|50[0234]|not available|unavailable|no longer|(?:does|do|did|is|was) not"
        "|doesn't|don't|isn't|could ?n[o']t|couldn't|can'?t|cannot|missing|gone"
        "|(?:been )?(?:removed|deleted|moved)|expired|nothing|no (?:results?|matches)|went wrong"
        "|error|maintenance|back soon|bad gateway|try again"
        "|nothing|suspended|ditangguhkan|redirecting|dialihkan|mengalihkan|too many requests"
        "|not (?:here|supported)|unsupported|dead link|tersesat|lost|wrong way"
        "|(?:tidak|tak|belum|nggak|gak|ga|enggak)(?: \\w+){0,2} "
        "(?:ditemukan|temukan|menemukan|tersedia|ada|diakses)"
        "|dihapus|hilang|dipindah(?:kan)?|kesalahan|galat|perbaikan|pemeliharaan|gangguan|rusak"
        "|ked[ae]luwarsa|kadaluarsa|ditarik|diturunkan|dicabut",
    ),
    _vocabulary(
        NonArticle("wall", "login"),
        "log login logged sign signin signup up register registration account accounts member "
        "members membership must need required continue continuing reading read article content "
        "access page welcome back user username email password forgot create new free already "
        "session expired only area "
        "masuk daftar mendaftar pendaftaran akun pengguna anggota dahulu dulu terlebih harus perlu "
        "melanjutkan membaca selamat datang kembali sandi kata lupa buat baru sudah punya belum "
        "artikel halaman berita konten akses mengakses login",
        "log ?in|sign ?in|signin|register|registration|masuk|daftar|mendaftar|sign ?up|login",
    ),
    _vocabulary(
        NonArticle("wall", "consent"),
        "cookie cookies consent privacy private before continue value respect care about choices "
        "choice settings preferences preference manage policy notice data personal information "
        "control protection gdpr use uses using use accept agree reject all partners tracking "
        "kuki persetujuan privasi pribadi sebelum melanjutkan lanjut lanjutkan menghargai "
        "menghormati peduli pengaturan preferensi kelola kebijakan pemberitahuan data pilihan "
        "menggunakan penggunaan setuju terima tolak semua mitra pelacakan perlindungan",
        "cookies?|kuki|consent|persetujuan|privacy|privasi|before (?:you )?continu\\w*"
        "|sebelum (?:\\w+ )?(?:melanjutkan|lanjut)|personal data|data pribadi",
    ),
    _vocabulary(
        NonArticle("wall", "bot"),
        "just moment wait second seconds checking check browser verify verifying verification "
        "human humans robot robots bot bots not security attention required cloudflare access "
        "denied forbidden captcha one more step pardon interruption ddos guard protection "
        "blocked request unusual activity traffic detected secure connection site reviewing before "
        "proceed proceeding accessing unauthorized prove confirm click continue think something "
        "about behavior made us performing imperva incapsula incident id javascript enable page "
        "you're sebentar tunggu memeriksa diperiksa pemeriksaan memverifikasi verifikasi manusia "
        "bukan "
        "keamanan peramban akses ditolak diblokir dilarang satu langkah lagi lalu lintas tidak "
        "biasa buktikan konfirmasi bahwa situs permintaan sedang koneksi",
        "just a moment|please wait|captcha|humans?|manusia|robots?|bots?|cloudflare|denied|ditolak"
        "|blocked|diblokir|interruption|security check|pemeriksaan keamanan|forbidden"
        "|checking|verify|verifying|verifikasi|memverifikasi|tunggu sebentar|unusual|ddos"
        "|attention required|one more step|unauthorized",
    ),
    _vocabulary(
        NonArticle("wall", "paywall"),
        "subscribe subscriber subscribers subscription only exclusive premium continue reading "
        "read article content full story access unlock support member members membership offer "
        "plan plans choose already unlimited digital today now "
        "langganan berlangganan pelanggan khusus eksklusif membaca baca lanjut melanjutkan artikel "
        "konten selengkapnya paket pilih akses buka hanya sekarang penuh",
        "subscrib\\w*|subscription|langganan|berlangganan|pelanggan|premium|membership",
    ),
)  # fmt: skip
# What such pages say in a paragraph, within a sentence.
ERROR_SENTENCE = re.compile(
    r"\b(?:page|article|story|content|post|link|url|document)s?\b[^.!?]{0,80}?"
    r"(?:\b(?:not found|no longer|not exist|not available|been (?:moved|removed|deleted)|missing)\b"
    r"|(?:can|could) ?(?:not|n't) be found|cannot be found|can't be found|n't exist"
    r"|isn't (?:here|available))"
    r"|(?:can't|cannot|couldn't|could not|unable to) (?:seem to )?find\b[^.!?]{0,40}"
    r"\b(?:page|article|story|content)\b"
    r"|\b(?:halaman|laman|artikel|berita|konten|tautan|tulisan)\b[^.!?]{0,60}?"
    r"\b(?:(?:tidak|tak|belum)(?: \w+){0,2} (?:ditemukan|tersedia|ada)\b"
    r"|(?:telah|sudah) (?:\w+ )?(?:dihapus|dipindahkan|ditarik|diturunkan|dicabut)\b)",
    re.IGNORECASE,
)
CONSENT_TERMS: Final = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"cookies?|kuki", r"partners?|vendors?|mitra", r"track(?:ing)?|pelacakan|melacak",
        r"accept|agree|reject|consent|setuju|persetujuan|mengizinkan|izinkan|menerima|tolak|terima",
        r"personal data|privacy|data pribadi|privasi|browsing data|data penjelajahan",
        r"advertis\w+|personali[sz]ed|iklan|dipersonalisasi",
    )
)  # fmt: skip
BOT_MARK = re.compile(
    r"/cdn-cgi/challenge-platform/|\bcf-chl\b|cf_chl_opt|_Incapsula_Resource|captcha-delivery\.com"
    r"|\bpx-captcha\b|challenges\.cloudflare\.com|hcaptcha\.com/1/api|recaptcha/(?:api|enterprise)"
    r"|\bg-recaptcha\b|\bh-captcha\b|awswaf\.com|_pxAppId|geetest|ddos-guard|distil_",
    re.IGNORECASE,
)


def verdict_of(line: str) -> NonArticle | None:
    """Return what a page is by one of its titles or lines; None for a line of a story."""
    return next((one.verdict for one in _VOCABULARIES if one.is_all_of(line)), None)
