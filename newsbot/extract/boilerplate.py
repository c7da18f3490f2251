"""Rules for the lines around a story that are not part of it, in Indonesian and English.

One set for all sites. Each rule says where it applies and which field the line belongs to, and has
an example and a counter-example that the tests check. ``head`` rules apply before the first line of
the story, ``tail`` rules after its last one; ``anywhere`` rules match only lines that cannot be
sentences. Patterns match whole lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from newsbot.extract.spans import SPAN

RulePlace = Literal["anywhere", "head", "tail"]
RuleTarget = Literal[
    "related", "copyright", "rights", "source", "credit", "original", "posted", "embed", "drop"
]

_AGENCIES = (
    r"AA|AFP|AP|ANTARA|Anadolu(?: Agency| Ajansi)?|Associated Press|Bernama|BBC|CCTV\+?|CGTN|CNA"
    r"|CNN|DPA|EFE|IRNA|Interfax|Kyodo(?: News)?|KCNA|MENA|OANA|PA Media|PNA|PRNewswire"
    r"|Philippine News Agency|Press TV|Reuters|RIA Novosti|SANA|SPA|Sputnik(?:-OANA)?"
    r"|TASS|VNA|VOA|WAFA|WAM|Xinhua|Yonhap"
)
_SHARE = (
    r"share|share this|share on \w+|bagikan(?: artikel ini| ke \w+| :)?|facebook|twitter|x|whatsapp"
    r"|telegram|line|pinterest|linkedin|email|e-mail|print|cetak|copy link|salin tautan|tweet|a[+-]"
    r"|komentar|comments?|leave a comment|follow us|ikuti kami|download|simpan|save"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern for a whole line, where it applies, and which field the line belongs to."""

    name: str
    where: RulePlace
    target: RuleTarget
    pattern: re.Pattern[str]
    example: str
    counter_example: str


def _rule(
    name: str,
    where: RulePlace,
    target: RuleTarget,
    pattern: str,
    example: str,
    counter_example: str,
) -> Rule:
    compiled = re.compile(rf"^(?:{pattern})$", re.IGNORECASE)
    return Rule(name, where, target, compiled, example, counter_example)


RULES: Final[Sequence[Rule]] = (
    _rule(
        "read-also", "anywhere", "related",
        r"[\[(>•*-]*\s*(?:baca(?: juga| pula)?|simak (?:juga|pula)|lihat (?:juga|pula)|tonton juga"
        r"|related news|related|read also|also read|see also|berita terkait)"
        r"\s*:\s*(?P<value>.*?)[\])]?",
        "Baca juga: Harga beras turun di tiga pasar",
        "Baca juga puisi itu pelan-pelan, kata sang penyair di panggung.",
    ),
    _rule(
        "ad-script", "anywhere", "drop",
        r"\(?\s*(?:window\.)?adsbygoogle\s*=.*|googletag\.cmd\.push.*",
        "(adsbygoogle = window.adsbygoogle || []).push({});",
        "Skrip adsbygoogle dipasang oleh pengelola situs.",
    ),
    _rule(
        "ad-label", "anywhere", "drop",
        r"advertisements?|iklan|adv|scroll (?:to continue|ke bawah|untuk lanjut)[\w ]{0,40}"
        r"|lanjutkan membaca(?: di bawah)?|continue reading below",
        "ADVERTISEMENT",
        "Iklan rokok dibatasi mulai tahun depan.",
    ),
    _rule(
        "instagram", "anywhere", "embed",
        r"(?:view|lihat) (?:this post|postingan ini|pos ini) (?:on|di) instagram"
        r"|a post shared by .{2,80}"
        r"|sebuah kiriman dibagikan oleh .{2,80}",
        "View this post on Instagram",
        "Ia mengajak warga melihat postingan ini di Instagram sebelum tidur.",
    ),
    _rule(
        "more-here", "anywhere", "drop",
        r"(?:(?:baca |simak |lihat )?selengkapnya(?: (?:baca|klik|simak|lihat))? di sini"
        r"|(?:klik|baca|simak) di sini(?: selengkapnya)?)\W{0,3}",
        "Selengkapnya baca di sini.",
        "Selengkapnya, di sini terdapat tujuh rumah adat.",
    ),
    _rule(
        "credit-line", "anywhere", "credit",
        r"\(?\s*(?:foto\s?:\s?)?(?-i:ANTARA(?:\s?FOTO)?)\s?/\s?(?=[A-Z])[^.!?()]{2,60}(?:foc|nym|wsj|aww|\.)?\.?\s*\)?",
        "ANTARA FOTO/Rina Wulandari/foc.",
        "(ANTARA/JACX) - Sebuah unggahan menyebut harga gula naik.",
    ),
    _rule(
        "agency-credit", "anywhere", "source",
        rf"\(?\s*(?:sumber|source)\s*:\s*(?P<value>(?:{_AGENCIES})(?:\s?[/,-]\s?(?:{_AGENCIES}))*)\W{{0,2}}",
        "Sumber: Anadolu",
        "Sumber: hasil olahan penulis dari data tahunan.",
    ),
    _rule(
        "posted", "head", "posted",
        rf"(?P<value>{SPAN})(?:\s+[\d.,]+)?",
        "4 hours ago 1",
        "4 hours ago the ferry left the harbour with 90 people.",
    ),
    _rule(
        "views", "head", "drop",
        r"(?:dibaca )?[\d.,]+[kK]?\s*(?:views?|kali|x dibaca|kali dibaca|pembaca|shares?|comments?"
        r"|komentar)"
        r"|(?:waktu baca|reading time)\W.{1,20}|\d{1,2} (?:min read|menit baca)",
        "1.093 Views",
        "1.093 pembaca hadir di perpustakaan itu.",
    ),
    _rule(
        "printed-date", "head", "drop",
        r"(?:(?:tayang|terbit|diterbitkan|dipublikasikan|published|posted|updated|diperbarui)\W{0,3})?"
        r"(?:[^\W\d_]{3,9}['’]?[^\W\d_]{0,3},?\s+)?\d{1,2}[\s./-]{1,2}(?:[^\W\d_]{3,9}|\d{1,2})[\s./-]{1,2}"
        r"(?:19|20)\d\d(?:[\s,|-]{1,4}(?:pukul\s)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[A-Z]{2,4})?)?",
        "Rabu, 27 Agustus 2025 09:15 WIB",
        "Rabu, 27 Agustus 2025, pasar itu dibuka.",
    ),
    _rule("share-head", "head", "drop", _SHARE, "Bagikan", "Bagikan beras itu besok."),
    _rule("share-tail", "tail", "drop", _SHARE, "Copy link", "Copy link itu tersebar luas."),
    _rule(
        "copyright", "tail", "copyright",
        r"(?:copyright|hak cipta)?\s*(?:©|\(c\)|ⓒ)\s*.{0,60}|copyright\W{1,3}.{0,40}\d{4}.{0,30}",
        "Copyright © ANTARA 2025",
        "Hak cipta lagu itu kembali kepada ahli warisnya.",
    ),
    _rule(
        "rights", "tail", "rights",
        r"dilarang (?:keras )?(?:mengambil|mengutip|menyalin|memperbanyak|mereproduksi"
        r"|menyebarluaskan|melakukan)\b.{0,200}\b(?:izin|ijin)\b.{0,120}"
        r"|(?:it is )?strictly prohibited to .{0,240}\bpermission\b.{0,120}"
        r"|(?:taking|copying|reproducing|crawling)\b.{0,240}"
        r"\b(?:is|are) (?:strictly )?(?:prohibited|forbidden)\b.{0,160}"
        r"|all rights reserved\W{0,2}|hak cipta dilindungi(?: undang-undang)?\W{0,2}",
        "Dilarang keras mengambil konten di situs ini tanpa izin tertulis dari pengelola.",
        "Warga dilarang keras mengambil pasir tanpa izin tertulis, kata bupati.",
    ),
    _rule(
        "source-credit", "tail", "source",
        r"(?:sumber|source)\s*:\s*(?P<value>[^.!?:]{2,60})\.?",
        "Sumber: Kantor Staf Presiden",
        "Sumber: data resmi itu keliru. Kami akan memeriksa lagi.",
    ),
    _rule(
        "pager", "tail", "drop",
        r"halaman (?:berikut(?:nya)?|selanjutnya|sebelumnya)\b.{0,160}|next page\b.{0,160}"
        r"|(?:1\s*2(?:\s*[3-9]){0,7}|[1-9](?:\s+[1-9]\d?){1,9})"
        r"(?:\s*(?:tampilkan semua|lihat semua|show all|next|»|>|›))?"
        r"|(?:berikutnya|selanjutnya|sebelumnya|next|previous|prev|tampilkan semua|lihat semua"
        r"|show all)\s*[»>›]?",
        "Halaman berikut: Dari sawah ke meja makan",
        "Halaman rumah itu ditanami cabai.",
    ),
    _rule(
        "page-numbers", "tail", "drop",
        r"(?:1\s*)?2?3?4?5?6?7?8?9?(?<=\d)",
        "123",
        "1998",
    ),
    _rule(
        "tags", "tail", "drop",
        r"(?:tags?|topik|kata kunci|keywords?|label)\s*:.{0,200}",
        "Tags: beras, pangan",
        "Topik itu dibahas dua hari.",
    ),
    _rule(
        "read-original", "tail", "original",
        r"read (?:the )?(?:entire|full|original|whole|complete) (?:article|story|post)\W{0,3}"
        r"|baca (?:artikel|berita) (?:asli(?:nya)?|lengkap(?:nya)?|selengkapnya|sumber)\W{0,3}"
        r"|(?:artikel|berita|sumber) asli(?:nya)?\W{0,3}|continue reading\W{0,3}"
        r"|view original(?: article| post)?\W{0,3}",
        "Read Entire Article",
        "Read Entire Article before you judge, the editor pleads.",
    ),
    _rule(
        "empty-columns", "tail", "drop",
        r"[^|]{0,60}(?:\|\s*){2,}",
        "Kabar kita | | | |",
        "Inflasi | Juni | 3,1",
    ),
)  # fmt: skip

_LONGEST_LINE: Final = 420  # no rule matches a longer line: paragraphs need not be tried


class RuleSet:
    """The rules that apply in one place, and one pattern that matches if any of them does.

    Most lines match no rule: the common pattern rules them out with a single match.
    """

    def __init__(self, where: RulePlace) -> None:
        self.rules = tuple(rule for rule in RULES if rule.where == where)
        patterns = (rule.pattern.pattern.replace("(?P<value>", "(?:") for rule in self.rules)
        self._any = re.compile("|".join(patterns), re.IGNORECASE)

    def match(self, line: str) -> tuple[Rule, str] | None:
        """Return the first rule that the line matches, with the value for the rule's field."""
        if len(line) > _LONGEST_LINE or self._any.match(line) is None:
            return None
        for rule in self.rules:
            if found := rule.pattern.match(line):
                value = found.groupdict().get("value")
                return rule, line if value is None else value.strip()
        return None


ANYWHERE: Final = RuleSet("anywhere")
HEAD: Final = RuleSet("head")
TAIL: Final = RuleSet("tail")
