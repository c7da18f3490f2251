"""Words around a story: who signed it, where it was printed first, what else it points to."""

# ruff: noqa: E501 - tables of examples read better in rows

import pytest

from newsbot.extract.body import Anchor, Line
from newsbot.extract.bylines import is_byline, split_glued_byline, split_signature
from newsbot.extract.generic.names import looks_like_name, names_in, without_role
from newsbot.extract.organisations import is_organisation, with_roles
from newsbot.extract.pointers import (
    is_first_printed,
    linked_source,
    original_of,
    related_label,
    split_glued_related,
)
from newsbot.extract.story import StoryParts, separate_story
from newsbot.models import Author

THERE = "https://www.antaranews.com/berita/4680001/desa"
HOME = "https://www.antaranews.com"
STORY = (
    "Warga Kampung Muara memperbaiki tanggul sungai sepanjang dua kilometer sebelum musim hujan."
)


def linked(text: str, *links: tuple[str, str]) -> Line:
    return Line(text, 9, anchors=tuple(Anchor(words, url, HOME) for words, url in links))


def told(*lines: str | Line) -> StoryParts:
    given = [Line(one, n) if isinstance(one, str) else one for n, one in enumerate(lines)]
    return separate_story(given, title="Judul", kind="article")


@pytest.mark.parametrize(
    ("line", "text", "source", "people"),
    [
        ("Das sagte er am Abend. (dpa/hosb)", "Das sagte er am Abend.", "dpa", []),
        ("(sit/jok)", "", None, []),
        ("Hasilnya baik, kata Wahyu. (Antaranews/Monalisa)", "Hasilnya baik, kata Wahyu.", "Antaranews", ["Monalisa"]),
        ("(Siti Rahma/Joko)", "", None, ["Siti Rahma", "Joko"]),
        ("Hasilnya baik (rna/ega)", "Hasilnya baik", None, []),
        ("Six people were hurt. (AFP)", "Six people were hurt.", "AFP", []),
    ],
)  # fmt: skip
def test_a_signature_is_taken_from_the_end(
    line: str, text: str, source: str | None, people: list[str]
) -> None:
    parts = split_signature(line)
    assert parts is not None
    assert (parts[0], parts[1].source, [one.name for one in parts[1].people]) == (
        text,
        source,
        people,
    )


@pytest.mark.parametrize(
    "line",
    [
        "Harga naik 12 persen (yoy).",
        "Kecepatan angin mencapai 40 (km/jam)",
        "Mereka memilih teh atau kopi (dan/atau)",
        "Ia lahir di Kampung Muara (Kabupaten Hilir).",
        "Lembaga itu bernama Badan Pengelola Sungai (BPS)",
    ],
)
def test_other_brackets_stay(line: str) -> None:
    assert split_signature(line) is None
    assert told(STORY, line).text.endswith(line)


@pytest.mark.parametrize(
    "line", ["By The Numbers", "By Land And Sea", "By Tuesday", "Oleh Oleh Khas Garut"]
)
def test_headings_are_no_bylines(line: str) -> None:
    assert not is_byline(line)


def test_a_label_within_words_is_no_byline() -> None:
    assert split_glued_byline("Pilihan Editor: Petani Garam Panen Raya") is None
    assert split_glued_byline("Catatan Editor: Judul Berita Ini Diperbaiki") is None
    assert split_glued_byline("kata Wahyu. Editor: Rina Wulandari") is not None
    assert told(STORY, "Catatan Editor: judul diperbaiki.").text.endswith("judul diperbaiki.")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Tim Redaksi", True), ("Tim JACX", True), ("Xinhua", True), ("AFP", True), ("dpa", True),
        ("@muaranews", True), ("sportschau.de", True), ("JERUSALEM POST STAFF", True),
        ("MM-Redaktion", True), ("National Desk", True), ("CNN Indonesia", True),
        ("Tim Hanlon", False), ("Tim O'Reilly", False), ("Ani Lestari", False), ("Wafa", False),
        ("Siti Rahma", False), ("Maya Desker", False), ("Agnes Newsom", False),
    ],
)  # fmt: skip
def test_teams_agencies_and_handles_are_told_from_people(name: str, *, is_one: bool) -> None:
    assert is_organisation(name) is is_one


def test_an_agency_has_its_role_whatever_it_did() -> None:
    given = [
        Author(name="Siti", role="reporter"),
        Author(name="Tim Redaksi", role="editor"),
        Author(name="Warta", role="reporter"),
    ]
    assert [one.role for one in with_roles(given, {"warta"})] == ["reporter", "agency", "agency"]


def test_roles_glued_to_names_go() -> None:
    assert without_role("Siti RahmaReporter") == "Siti Rahma"
    assert without_role("Jane Doe Senior Correspondent") == "Jane Doe"
    assert names_in("Jane Doe @janedoe", strict=True) == ["Jane Doe"]
    assert not looks_like_name("Small", strict=False)


@pytest.mark.parametrize(
    "line",
    [
        linked("Berita ini telah tayang di Antaranews.com dengan judul: Desa", ("Desa", THERE)),
        linked("Artikel ini telah tayang di TribunJabar.id dengan judul Desa tanam bakau", ("Desa tanam bakau", THERE)),
        linked("The post Desa appeared first on ANTARA News.", ("Desa", THERE), ("ANTARA News", HOME)),
        linked("This article was originally published by ANTARA. Read the original article.", ("ANTARA", THERE)),
        linked("Der Beitrag Hafen wird gebaut erschien zuerst auf Nordblatt.", ("Hafen wird gebaut", THERE)),
        linked("La entrada El puerto abre se publicó primero en Diario Norte.", ("El puerto abre", THERE)),
    ],
    ids=lambda line: line.text[:24],
)  # fmt: skip
def test_a_line_says_where_the_story_was_first(line: Line) -> None:
    assert is_first_printed(line)
    assert original_of(line) == THERE
    story = told(STORY, line)
    assert (story.text, story.first_printed_url) == (STORY, THERE)


@pytest.mark.parametrize(
    "line",
    [
        "Berita ini telah tayang di banyak media, kata Wahyu, sehingga warga resah.",
        "Artikel ini telah tayang di Kompas, kata Wahyu kepada wartawan.",
        "The post office first appeared on maps in 1901.",
        "The story of the harbour first appeared in 1901.",
    ],
)
def test_sentences_say_nothing_of_an_original(line: str) -> None:
    assert not is_first_printed(linked(line, ("maps", THERE)))
    assert told(STORY, line).text == f"{STORY}\n\n{line}"


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        (linked("Sumber: Antaranews.com", ("Antaranews.com", THERE)), "Antaranews.com"),
        (linked("Source link", ("Source link", THERE)), None),
        (linked("Artikel asli: klik di sini", ("klik di sini", THERE)), None),
        (linked(f"Sumber: {THERE}", (THERE, THERE)), None),
        (linked("Read Entire Article", ("Read Entire Article", THERE)), None),
        (linked("Baca selengkapnya di ANTARA", ("ANTARA", THERE)), None),
    ],
    ids=lambda one: getattr(one, "text", one),
)
def test_links_to_the_source_leave_the_text(line: Line, credit: str | None) -> None:
    story = told(STORY, line)
    assert (story.text, story.original_url, story.source_credit) == (STORY, THERE, credit)


def test_a_home_page_is_no_original() -> None:
    line = linked("Sumber: ANTARA", ("ANTARA", HOME))
    assert linked_source(line) == "ANTARA"
    assert told(STORY, line).original_url is None


@pytest.mark.parametrize(
    "label",
    [
        "Baca juga", "Lihat Juga :", "Pilihan Editor:", "Read also:", "Read more", "MORE :",
        "Lesen Sie auch:", "Mehr zum Thema:", "Lire aussi", "À lire aussi |", "Te puede interesar:",
        "Lea también", "Les også:", "Les mer", "Čtěte také:", "Mohlo by vás zajímat:",
    ],
)  # fmt: skip
def test_words_before_a_link_to_another_article(label: str) -> None:
    line = linked(f"{label} Hafen gebaut", ("Hafen gebaut", THERE))
    assert related_label(line) == "Hafen gebaut"
    story = told(STORY, line, STORY)
    assert (story.text, [one.title for one in story.related]) == (
        f"{STORY}\n\n{STORY}",
        ["Hafen gebaut"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "Mehr als hundert Menschen kamen zum Hafen",
        "Watch the Hafen",
        "Lire aussi longtemps le Hafen",
    ],
)
def test_a_sentence_with_a_link_stays(text: str) -> None:
    assert told(STORY, linked(text, ("Hafen", THERE)), STORY).text.count(text) == 1


def test_read_also_glued_to_a_sentence_is_parted() -> None:
    line = linked("Pasar dibuka. Lees auch", ("x", THERE))
    assert split_glued_related(line) is None
    line = linked("Pasar dibuka.Baca juga: Harga beras", ("Harga beras", THERE))
    assert split_glued_related(line) == ("Pasar dibuka.", "Baca juga: Harga beras")


@pytest.mark.parametrize(
    "line",
    [
        "Saksikan Video Pilihan di Bawah Ini:", "[Gambas:Video CNN]", "Anzeige", "Publicité",
        "Cek Berita dan Artikel yang lain di Google News dan WA Channel",
        "Simak berita terkini lainnya di Google News, klik di sini",
        "Folgen Sie uns auf Facebook und Instagram", "Suivez-nous sur WhatsApp",
        "Síguenos en Telegram", "Følg oss på Facebook", "Sledujte nás na Facebook",
        "Subscribe to our daily newsletter.", "Inscrivez-vous à notre newsletter",
        "Jetzt Newsletter abonnieren", "Suscríbete a nuestro boletín", "Meld deg på nyhetsbrevet",
        "Přihlaste se k odběru newsletteru",
    ],
)  # fmt: skip
def test_invitations_to_readers_go_wherever_they_stand(line: str) -> None:
    assert told(STORY, line, STORY).text == f"{STORY}\n\n{STORY}"


@pytest.mark.parametrize(
    "line",
    [
        "Ikuti kami di jalan ini, seru para pemuda ketika hujan turun lagi.",
        '"Subscribe to our newsletter," the leaflet said, and hundreds did.',
        "Abonnieren wollen den Newsletter nur wenige, sagt der Verlag.",
        "Simak video itu sampai selesai, kata Wahyu kepada para pelajar.",
        "Baca berita di Google News kini berbayar, kata Wahyu.",
        "Teilen ist schwer.",
    ],
)
def test_sentences_with_such_words_stay(line: str) -> None:
    assert told(STORY, line, STORY).text == f"{STORY}\n\n{line}\n\n{STORY}"


def test_a_byline_above_a_short_story_does_not_end_it() -> None:
    story = told("Kabar", "Editor: Rina Wulandari", STORY, STORY)
    assert story.text.endswith(f"{STORY}\n\n{STORY}")
