"""A difference that a person can read: the paragraph that changed, and its words."""

from hypothesis import given
from hypothesis import strategies as st

from newsbot.archive.textdiff import Span, diff_texts, diff_words

RICE, MARKET, END = (
    "Harga beras naik lima persen.",
    "Pemerintah menggelar operasi pasar.",
    "Selesai.",
)
OLD = f"{RICE}\n\n{MARKET}\n\nSelesai."


def sides(spans: tuple[Span, ...]) -> tuple[str, str]:
    old = "".join(span.text for span in spans if span.operation != "added")
    new = "".join(span.text for span in spans if span.operation != "removed")
    return old, new


@given(st.text(" ab.\n", max_size=40), st.text(" ab.\n", max_size=40))
def test_each_side_can_be_read_out_of_it(old: str, new: str) -> None:
    assert sides(diff_words(old, new)) == (old, new)


@given(
    st.lists(st.text("abc ", min_size=1), max_size=5),
    st.lists(st.text("abc ", min_size=1), max_size=5),
)
def test_no_paragraph_is_lost_or_made_up(old: list[str], new: list[str]) -> None:
    found = diff_texts("\n\n".join(old), "\n\n".join(new))
    before = [sides(one.spans)[0] for one in found if one.change != "added"]
    after = [sides(one.spans)[1] for one in found if one.change != "removed"]
    assert (before, after) == (old, new)


def test_the_words_that_changed() -> None:
    found = diff_texts(OLD, OLD.replace("lima persen", "tujuh persen"))
    assert [one.change for one in found] == ["changed", "equal", "equal"]
    changes = [(span.operation, span.text) for span in found[0].spans if span.operation != "equal"]
    assert changes == [("removed", "lima"), ("added", "tujuh")]


def test_words_in_a_row_are_one_change() -> None:
    spans = diff_words("satu dua tiga empat", "satu lima enam empat")
    assert [(span.operation, span.text) for span in spans] == [
        ("equal", "satu "), ("removed", "dua tiga"), ("added", "lima enam"), ("equal", " empat"),
    ]  # fmt: skip


def test_paragraphs_added_removed_and_rewritten() -> None:
    added = diff_texts(OLD, OLD.replace("\n\nSelesai", "\n\nWarga antre sejak pagi.\n\nSelesai"))
    assert [one.change for one in added] == ["equal", "equal", "added", "equal"]
    removed = diff_texts(OLD, "Selesai.")
    assert [one.change for one in removed] == ["removed", "removed", "equal"]
    other = OLD.replace(MARKET, "Cuaca cerah di seluruh Jawa Barat.")
    rewritten = [one.change for one in diff_texts(OLD, other)]
    assert rewritten == ["equal", "removed", "added", "equal"]


def test_nothing_against_something() -> None:
    assert diff_texts("", "") == []
    assert [one.change for one in diff_texts("", "Ada.")] == ["added"]
