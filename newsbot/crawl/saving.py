"""Saved pages: what a run of ``newsbot save`` writes of each, and what it reports at its end.

A page has an event, ``saved`` or ``not-saved``: the address that was asked for, the one behind its
redirects, the record. What the report says beyond that is in the crawl log and among the articles.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from scrapy import Request
from scrapy.http import Response

from newsbot.archive.lines import GzipLines
from newsbot.capture.recorder import CAPTURED
from newsbot.crawl.journal_lines import place_of
from newsbot.crawl.run import Run
from newsbot.warc.records import timestamp

ASKED: Final = "asked"  # key in request.meta: the address as it was asked for
HOPS: Final = "hops"  # key in request.meta: addresses of pages that refreshed to this one
_REDIRECTS: Final = "redirect_urls"  # key in request.meta, Scrapy's

SaveOutcome = Literal["saved", "changed", "unchanged", "failed", "not-reached"]


def hops_of(meta: Mapping[str, Any]) -> list[str]:
    """Return the addresses that a request was at before, by redirects and refreshes."""
    return list(dict.fromkeys([*meta.get(HOPS, ()), *meta.get(_REDIRECTS, ())]))


class SavedPages:
    """Records the pages of a run that saves pages."""

    def __init__(self, run: Run) -> None:
        self._journal = run.recording.journal
        self._known = run.known
        self._stats = run.stats

    def record(self, response: Response, title: str | None) -> None:
        """Record that the page came."""
        fields = _fields(response.meta, response.url)
        if title:
            fields["title"] = title
        if kind := response.headers.get("Content-Type"):
            fields["type"] = _media_type(kind)
        if last := self._known.last_capture(response.url):
            fields["last_capture"] = timestamp(last)
        self._journal.write_event("saved", **fields)

    def record_failure(self, request: Request, why: str) -> None:
        """Record that the page did not come; the run reports it."""
        self._journal.write_event("not-saved", **_fields(request.meta, request.url), why=why)
        self._stats.count_problem(f"not saved: {why}")


@dataclass(frozen=True, slots=True)
class SavedPage:
    """What became of one address.

    ``page`` is the address behind the redirects ``hops``; ``record`` is where the page is kept, or,
    with the outcome "failed", the answer that was no page. ``last_capture`` is when an earlier run
    captured it; ``earlier`` is the WARC file of an earlier run that has the same bytes, of this
    address or another; ``article`` is the canonical URL of the article, if one landed.
    """

    url: str
    outcome: SaveOutcome
    why: str | None = None
    page: str | None = None
    hops: tuple[str, ...] = ()
    status: int | None = None
    type: str | None = None
    title: str | None = None
    fetched_at: str | None = None
    bytes: int | None = None
    payload_sha256: str | None = None
    payload_digest: str | None = None
    truncated: str | None = None
    record: Mapping[str, Any] | None = None
    last_capture: str | None = None
    earlier: str | None = None
    article: str | None = None


def saved_pages(folder: Path, asked: Sequence[str]) -> list[SavedPage]:
    """Return what became of each page that was asked for, from the files of a closed run."""
    if not asked:
        return []
    files = folder / "files"
    events = {
        line["asked"]: line
        for line in GzipLines(files / "events.jsonl.gz")
        if line["event"] in ("saved", "not-saved")
    }
    records = {line["record"]["id"] for line in events.values() if "record" in line}
    lines = {
        line["record"]["id"]: line
        for line in GzipLines(files / "crawl.jsonl.gz")
        if line.get("record") and line["record"]["id"] in records
    }
    articles = {
        line["sources"][0]["record_id"]: line for line in GzipLines(files / "articles.jsonl.gz")
    }
    return list(_pages(asked, events, lines, articles))


def _pages(
    asked: Sequence[str],
    events: Mapping[str, Mapping[str, Any]],
    lines: Mapping[str, Mapping[str, Any]],
    articles: Mapping[str, Mapping[str, Any]],
) -> Iterator[SavedPage]:
    for url in asked:
        event = events.get(url)
        if event is None:
            yield SavedPage(url, "not-reached", why="the run was stopped before")
            continue
        record = event.get("record", {}).get("id")
        yield _page(event, lines.get(record, {}), articles.get(record))


def _page(
    event: Mapping[str, Any], line: Mapping[str, Any], article: Mapping[str, Any] | None
) -> SavedPage:
    return SavedPage(
        url=event["asked"],
        outcome=_outcome(event, line, article),
        why=event.get("why"),
        page=event["url"],
        hops=tuple(event.get("hops", ())),
        status=line.get("status"),
        type=event.get("type"),
        title=event.get("title"),
        fetched_at=line.get("time"),
        bytes=line.get("bytes"),
        payload_sha256=line.get("payload_sha256"),
        payload_digest=line.get("payload_digest"),
        truncated=line.get("truncated"),
        record=line.get("record"),
        last_capture=event.get("last_capture"),
        earlier=line.get("refers_to"),
        article=None if article is None else article["canonical_url"],
    )


def _outcome(
    event: Mapping[str, Any], line: Mapping[str, Any], article: Mapping[str, Any] | None
) -> SaveOutcome:
    if event["event"] == "not-saved":
        return "failed"
    if article is not None:
        return "saved" if article["revision"]["number"] == 1 else "changed"
    is_same = "refers_to" in line or line.get("became") == "unchanged"
    return "unchanged" if is_same and "last_capture" in event else "saved"


def _fields(meta: Mapping[str, Any], url: str) -> dict[str, Any]:
    hops, captured = hops_of(meta), meta.get(CAPTURED)
    return {
        "asked": meta[ASKED],
        "url": url,
        **({"hops": hops} if hops else {}),
        **({"record": place_of(captured)} if captured is not None else {}),
    }


def _media_type(header: bytes) -> str:
    return header.decode("latin-1").partition(";")[0].strip().lower()
