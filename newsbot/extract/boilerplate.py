"""Rules for the lines around a story that are not part of it, in the languages of ``pointers``.

One set for all sites. Each rule says where it applies and which field the line belongs to, and has
an example and a counter-example that the tests check. ``head`` rules apply before the first line of
the story, ``tail`` rules after its last one; ``anywhere`` rules match only lines that cannot be
sentences. Patterns match whole lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from newsbot.extract.invitations import (
    CHANNEL,
    FOLLOW,
    GOOGLE_NEWS,
    NEWSLETTER,
    SHARE,
    VIDEO,
    VIDEO_BELOW,
)
from newsbot.extract.organisations import AGENCIES
from newsbot.extract.pointers import FIRST_PRINTED, ORIGINAL_LINK, RELATED
from newsbot.extract.spans import SPAN

RulePlace = Literal["anywhere", "head", "tail"]
RuleTarget = Literal[
    "related",
    "copyright",
    "rights",
    "source",
    "credit",
    "original",
    "first-printed",
    "posted",
    "embed",
    "drop",
]


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
        rf"[\[(>•*►▶»-]*\s*(?:{RELATED})\s*[:|]\s*(?P<value>.*?)[\])]?",
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
        r"advertisements?|iklan|adv|anzeige|werbung|publicité|publicidad|annonse|reklama"
        r"|(?:(?:advertisement|iklan) )?scroll (?:to continue|ke bawah|untuk lanjut)[\w ]{0,40}"
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
        "player", "anywhere", "embed",
        r"\[\s?gambas\s?:.{0,80}\]",
        "[Gambas:Video 20detik]",
        "[Gambas] dimainkan tiga pemuda dari Riau.",
    ),
    _rule(
        "video-beside", "anywhere", "related",
        VIDEO,
        'Simak Video "Petani Garam Panen Raya"',
        'Simak video "Laskar" yang diputar di balai desa malam ini.',
    ),
    _rule(
        "video-below", "anywhere", "drop",
        VIDEO_BELOW,
        "Saksikan Video Pilihan di Bawah Ini:",
        "Saksikan video pilihan juri itu di alun-alun kota.",
    ),
    _rule(
        "google-news", "anywhere", "drop",
        GOOGLE_NEWS,
        "Cek Berita dan Artikel yang lain di Google News",
        "Baca berita di Google News kini berbayar, kata Wahyu.",
    ),
    _rule(
        "channel", "anywhere", "drop",
        CHANNEL,
        "Dapatkan update berita pilihan dan breaking news setiap hari. Mari bergabung di Grup "
        "Telegram, caranya klik link https://t.me/kabar, kemudian join.",
        '"Ikuti kabar lewat grup WhatsApp warga," kata lurah itu di balai desa.',
    ),
    _rule(
        "follow", "anywhere", "drop",
        FOLLOW,
        "Follow us on Facebook and Instagram",
        "Follow us on the march, the farmers told the crowd.",
    ),
    _rule(
        "newsletter", "anywhere", "drop",
        NEWSLETTER,
        "Sign up for our daily newsletter",
        "Sign up for our newsletter, the leaflet said, and hundreds of people did.",
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
        rf"\(?\s*(?:sumber|source)\s*:\s*(?P<value>(?:{AGENCIES})(?:\s?[/,-]\s?(?:{AGENCIES}))*)\W{{0,2}}",
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
        r"(?:[^.!?:]{2,60}\s[|·•–—-]{1,2}\s)?"
        r"(?:(?:tayang|terbit|diterbitkan|dipublikasikan|published|posted|updated|diperbarui)\W{0,3})?"
        r"(?:[^\W\d_]{3,9}['’]?[^\W\d_]{0,3},?\s+)?\d{1,2}[\s./-]{1,2}(?:[^\W\d_]{3,9}|\d{1,2})[\s./-]{1,2}"
        r"(?:19|20)\d\d(?:[\s,|-]{1,4}(?:pukul\s)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[A-Z]{2,4})?)?",
        "Rabu, 27 Agustus 2025 09:15 WIB",
        "Rabu, 27 Agustus 2025, pasar itu dibuka.",
    ),
    _rule(
        "text-size", "head", "drop",
        r"(?:(?:text|font|schrift|ukuran)(?: (?:size|huruf))?|schriftgröße)\s*:\s*"
        r"(?:(?:small|medium|normal|large|default|klein|mittel|groß|kecil|sedang|besar|a[+-]{0,2})[\s/|,]{0,3}){1,5}",
        "Text: Small",
        "Text: small letters from a long war",
    ),
    _rule("share-head", "head", "drop", SHARE, "Bagikan", "Bagikan beras itu besok."),
    _rule("share-tail", "tail", "drop", SHARE, "Copy link", "Copy link itu tersebar luas."),
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
        rf"\W{{0,3}}(?:{ORIGINAL_LINK})\W{{0,3}}",
        "Read Entire Article",
        "Read Entire Article before you judge, the editor pleads.",
    ),
    _rule(
        "first-printed", "tail", "first-printed",
        FIRST_PRINTED,
        'Artikel ini telah tayang di Kompas.com dengan judul "Desa tanam bakau"',
        "Berita ini telah tayang di banyak media, kata Wahyu, sehingga warga resah.",
    ),
    _rule(
        "contributors", "tail", "drop",
        r"(?-i:[A-Z])[^.!?:]{2,100} (?:(?:(?:ikut |turut )?berkontribusi (?:dalam|pada|untuk)"
        r" (?:penulisan |penyusunan )?(?:artikel|laporan|tulisan|berita) ini)"
        r"|contributed (?:to this (?:report|story|article)|reporting))\W{0,2}",
        "Siti Rahma berkontribusi dalam penulisan artikel ini.",
        "Siti Rahma berkontribusi dalam penulisan undang-undang itu.",
    ),
    _rule(
        "asterisks", "tail", "drop",
        r"\(?\s?\*(?:\s?\*){0,4}\s?\)?|\(?-?\s?(?:adv|advertorial)\s?-?\)|-{2,5}|\W{0,2}bersambung\W{0,3}"
        r"|(?:lanjut|bersambung) ke halaman (?:berikut|selanjut)(?:nya)?\W{0,4}"
        r"|\W?baca halaman (?:berikut|selanjut)(?:nya)?\W{0,4}",
        "(*)",
        "Bersambung pekan depan dengan kisah kedua.",
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
