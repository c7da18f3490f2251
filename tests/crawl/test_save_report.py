"""What a save says of a page, and that a page can not write to the terminal."""

from datetime import date

from newsbot.crawl.save_report import as_text
from newsbot.crawl.saving import SavedPage
from newsbot.layout import RunRef

REF = RunRef(date(2025, 2, 28), "saved", "20250228T081500Z-e5b4cc")
PAGE = SavedPage(
    "https://x.example/a?b=1&c=2", "saved", page="https://x.example/a?b=1&c=2",
    title="Kapal\x1b[2J berlayar", record={"id": "<urn:1>", "file": "a.warc.gz", "offset": 7},
)  # fmt: skip

REPLAY = (
    "  replay    newsbot export 2025-02-28 --site saved --format wacz --to saved-2025-02-28.wacz, "
    "then open the file in https://replayweb.page"
)


def test_a_page_that_landed_can_be_shown_and_replayed() -> None:
    assert as_text([PAGE], REF, "(summary)", is_landed=True).splitlines() == [
        "saved        https://x.example/a?b=1&c=2",
        "  title      Kapal [2J berlayar",
        "  record     <urn:1> in a.warc.gz @ 7",
        "  show       newsbot show 'https://x.example/a?b=1&c=2'",
        "(summary)",
        REPLAY,
    ]


def test_one_that_is_in_the_spool_can_not_yet() -> None:
    text = as_text([PAGE], REF, "(summary)", is_landed=False)
    assert text.endswith("a.warc.gz @ 7\n(summary)")
