"""Each rule by its own example and counter-example, and what must survive it."""

# ruff: noqa: E501 - tables of examples read better in rows

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.body import Line, text_lines
from newsbot.extract.boilerplate import RULES, Rule
from newsbot.extract.bylines import is_byline, parse_bylines, split_glued_byline, split_names
from newsbot.extract.datelines import read_dateline
from newsbot.extract.story import StoryParts, separate_story

SENTENCE = "Pemerintah kota membuka tiga pasar pagi di tepi sungai mulai pekan depan, kata Wahyu."


def told(*lines: str, title: str | None = "Judul", kind: str = "article") -> StoryParts:
    return separate_story(text_lines("\n".join(lines)), title=title, kind=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_takes_its_example_and_leaves_its_counter_example(rule: Rule) -> None:
    assert rule.pattern.match(rule.example)
    assert not rule.pattern.match(rule.counter_example)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_example_leaves_the_text_and_the_counter_example_stays(rule: Rule) -> None:
    place = {"anywhere": 1, "head": 0, "tail": 2}[rule.where]
    lines = [SENTENCE, SENTENCE.replace("tiga", "empat")]
    with_example = [*lines[:place], rule.example, *lines[place:]]
    assert told(*with_example).text == "\n\n".join(lines)
    with_counter = [*lines[:place], rule.counter_example, *lines[place:]]
    assert rule.counter_example.split(" - ")[-1] in told(*with_counter).text


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.where != "anywhere"])
def test_a_rule_of_head_or_tail_does_not_hold_amid_the_story(rule: Rule) -> None:
    long = SENTENCE * 3
    assert rule.example in told(long, rule.example, long.replace("tiga", "lima")).text


def test_story_after_a_byline_is_kept() -> None:
    long = SENTENCE * 3
    story = told(long, "Editor: Rina Wulandari", long.replace("tiga", "lima"))
    assert story.text.count("\n\n") == 2


def test_what_follows_the_byline_block_goes() -> None:
    story = told(
        SENTENCE, "Pewarta: A. Rahman", "Editor: B", "Copyright © ANTARA 2025", "Lihat 3 foto"
    )
    assert story.text == SENTENCE
    assert [author.name for author in story.authors] == ["A. Rahman", "B"]


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Pewarta: A Satu/B Dua", [("A Satu", "reporter"), ("B Dua", "reporter")]),
        ("Pewarta : A Satu, B Dua dan C Tiga", [("A Satu", "reporter"), ("B Dua", "reporter"), ("C Tiga", "reporter")]),
        ("Oleh A Satu", [("A Satu", "reporter")]),
        ("Penerjemah: A Satu", [("A Satu", "translator")]),
        ("Editor :", []),
        ("Pewarta: Faisal YuniantoEditor: Nurul Aulia Badar  COPYRIGHT © ANTARA 2023", [("Faisal Yunianto", "reporter"), ("Nurul Aulia Badar", "editor")]),
        ("Reporter: A Satu Translator: B Dua Editor: C Tiga", [("A Satu", "reporter"), ("B Dua", "translator"), ("C Tiga", "editor")]),
        ("Pewarta: Tim JACX", [("Tim JACX", "reporter")]),
        ("Pewarta: Agus S.", [("Agus S.", "reporter")]),
        ("Pewarta: Dr. A Satu, M.Si", [("Dr. A Satu, M.Si", "reporter")]),
    ],
)  # fmt: skip
def test_bylines(line: str, people: list[tuple[str, str]]) -> None:
    assert is_byline(line)
    assert [(author.name, author.role) for author in parse_bylines([line])] == people


@pytest.mark.parametrize(
    "line",
    [
        "Editor: apa kabar pasar hari ini?",
        'Editor: "Kami menunggu naskah itu," katanya kepada para penulis muda di gedung lama.',
        "Editor majalah kampus itu menulis lagi.",
        "Oleh karena itu, pasar ditutup lebih awal.",
        "By then the market had closed.",
        "Sumber: data resmi",
    ],
)
def test_sentences_are_no_bylines(line: str) -> None:
    assert not is_byline(line)


def test_a_glued_byline_is_parted_from_the_sentence() -> None:
    assert split_glued_byline("kata Wahyu.Pewarta: A BEditor: C") == (
        "kata Wahyu.",
        "Pewarta: A BEditor: C",
    )
    assert split_glued_byline('Seorang editor bertanya, "Editor: siapa') is None
    assert split_glued_byline('Ia membaca "Editor: sunyi" di panggung itu semalam suntuk.') is None


def test_names_are_parted() -> None:
    assert split_names("A/B; C & D") == ["A", "B", "C", "D"]


def test_a_quote_glued_to_the_dateline_is_parted() -> None:
    for quote in ("harga bisa dikontrol", "untuk 32 petugas TPS", "naik 12%", "sejak 2025"):
        story = told(f"{quote}Gowa, Sulawesi Selatan (ANTARA) - Pasar dibuka.", SENTENCE)
        assert story.pull_quote == quote
        assert story.text == f"Pasar dibuka.\n\n{SENTENCE}"


@pytest.mark.parametrize(
    ("text", "place", "agency", "raw", "date"),
    [
        ("Jakarta (ANTARA) - A", "Jakarta", "ANTARA", "Jakarta (ANTARA)", None),
        ("Jakarta (ANTARA) – A", "Jakarta", "ANTARA", "Jakarta (ANTARA)", None),
        ("Serang, Banten (ANTARA) - A", "Serang, Banten", "ANTARA", "Serang, Banten (ANTARA)", None),
        ("Siak, Riau, (ANTARA) - A", "Siak, Riau", "ANTARA", "Siak, Riau, (ANTARA)", None),
        ("Siak, Riau, (ANTARA) Pasar", "Siak, Riau", "ANTARA", "Siak, Riau, (ANTARA)", None),
        ("(ANTARA/JACX) – A", None, "ANTARA/JACX", "(ANTARA/JACX)", None),
        ("Jakarta (ANTARA News) - A", "Jakarta", "ANTARA News", "Jakarta (ANTARA News)", None),
        ("Ankara (ANTARA/Anadolu) - A", "Ankara", "ANTARA/Anadolu", "Ankara (ANTARA/Anadolu)", None),
        ("ISTANBUL, 23 Februari 2016 (Antara/PRNewswire) - A", "ISTANBUL", "Antara/PRNewswire", "ISTANBUL, 23 Februari 2016 (Antara/PRNewswire)", "23 Februari 2016"),
        ("Jakarta, Oct 18, 2018 (Antara) - A", "Jakarta", "Antara", "Jakarta, Oct 18, 2018 (Antara)", "Oct 18, 2018"),
        ("Jakarta, 31/12/2021 (ANTARA) - A", "Jakarta", "ANTARA", "Jakarta, 31/12/2021 (ANTARA)", "31/12/2021"),
        ("Dubai, UEA (ANTARA) - A", "Dubai, UEA", "ANTARA", "Dubai, UEA (ANTARA)", None),
        ("ANTARA - A", None, "ANTARA", "ANTARA", None),
        ("(Antara)-A", None, "Antara", "(Antara)", None),
    ],
)  # fmt: skip
def test_datelines(text: str, place: str | None, agency: str, raw: str, date: str | None) -> None:
    opening = read_dateline(text)
    assert opening is not None
    line = opening.dateline
    assert (line.place, line.agency, line.raw, opening.date) == (place, agency, raw, date)
    assert opening.rest in ("A", "Pasar")


@pytest.mark.parametrize(
    "text",
    [
        "Perum LKBN (ANTARA) didirikan pada 1937 dan kini berkantor di Pasar Baru.",
        "Pasar itu ramai, kata Wahyu (ANTARA/HO).",
        "Kantor berita menulis: Jakarta (ANTARA) - begitu bunyinya.",
        "ANTARA didirikan pada 1937.",
    ],
)
def test_sentences_are_no_datelines(text: str) -> None:
    opening = read_dateline(text)
    assert opening is None or opening.rest == ""


_ANY_LINE = st.one_of(
    st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=80)
    .map(lambda text: " ".join(text.split()))
    .filter(bool),
    st.sampled_from([rule.example for rule in RULES]),
    st.sampled_from([rule.counter_example for rule in RULES]),
    st.sampled_from([SENTENCE, SENTENCE * 3, "Editor: Rina", "Jakarta (ANTARA) - Pasar", "1 2 3"]),
)


@given(st.lists(_ANY_LINE, max_size=14))
def test_no_line_that_holds_anywhere_is_left_and_nothing_is_made_up(lines: list[str]) -> None:
    story = separate_story(
        [Line(line, n) for n, line in enumerate(lines)], title=None, kind="article"
    )
    everywhere = [rule for rule in RULES if rule.where == "anywhere"]
    for line in filter(None, story.text.splitlines()):
        assert not any(rule.pattern.match(line) for rule in everywhere if len(line) < 400)
        assert any(line in " ".join(given_line.split()) for given_line in lines)


@given(st.lists(_ANY_LINE, max_size=14))
def test_the_tail_is_clean(lines: list[str]) -> None:
    story = separate_story(
        [Line(line, n) for n, line in enumerate(lines)], title=None, kind="article"
    )
    if story.text:
        last = story.text.splitlines()[-1]
        assert not is_byline(last)
        assert not any(rule.pattern.match(last) for rule in RULES if rule.where == "tail")
