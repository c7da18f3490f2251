"""The summary that a crawl prints: what an operator reads first."""

from newsbot.crawl.summary import summary
from newsbot.landing.outcome import ExitStatus, Judgement
from newsbot.landing.upload import Landed
from tests.small_run import manifest

COUNTS = {
    "exchanges": 31,
    "bytes": 2_000_000,
    "not_modified": 14,
    "became": {"article": 3, "failed": 1, "list": 2, "unchanged": 14},
    "failed": {"dns": 1},
    "articles": 3,
    "new": 2,
    "changed": 1,
    "fields": {"title": 3, "section": 1},
}


def test_summary() -> None:
    judgement = Judgement("finished", ExitStatus.LANDED_WITH_PROBLEMS, ("the list is capped",))
    landed = Landed(manifest(counts=COUNTS), "ab" * 32, again=False)
    first, *lines = summary(landed, judgement, "landed in archive/x").splitlines()
    assert first == "antara: finished in 0 s, landed in archive/x"
    assert lines == [
        "  articles  2 new, 1 changed",
        "  exchanges 31 (2.0 MB): 3 article, 14 unchanged, 2 list, 1 failed",
        "  unchanged 14 not modified (304)",
        "  failed    dns 1",
        "  missing   section 2 (of 3 articles)",
        f"  chain     head {'ab' * 32}",
        "  check     the list is capped",
    ]
