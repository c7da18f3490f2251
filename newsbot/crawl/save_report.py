"""The report of a run that saves pages: for a person, and as JSON for scripts."""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from newsbot.crawl.saving import SavedPage
from newsbot.landing.outcome import ExitStatus, Judgement
from newsbot.layout import RunRef

_WHY: Final = {  # what is not plain from the word alone
    "address-refused": "address-refused: only addresses of the public internet are fetched",
    "robots-forbidden": "robots-forbidden: robots.txt forbids it, or cannot be read",
    "dns": "dns: the name of its host cannot be resolved",
}


def as_text(pages: Sequence[SavedPage], ref: RunRef, summary: str, *, is_landed: bool) -> str:
    """Return what became of each page, then the run's summary and how to replay its pages."""
    lines = [line for page in pages for line in _lines(page, is_landed=is_landed)]
    return "\n".join([*lines, summary, *(_replay(pages, ref) if is_landed else ())])


def as_json(
    pages: Sequence[SavedPage],
    ref: RunRef,
    status: ExitStatus,
    judgement: Judgement,
    *,
    is_landed: bool,
) -> str:
    """Return the same as one line of JSON; what a page does not have is null."""
    document = {
        "run": ref.run,
        "prefix": ref.prefix if is_landed else None,
        "outcome": judgement.outcome,
        "status": int(status),
        "reasons": judgement.reasons,
        "pages": [asdict(page) for page in pages],
    }
    return json.dumps(document, ensure_ascii=False)


def _lines(page: SavedPage, *, is_landed: bool) -> Iterator[str]:
    yield f"{page.outcome:<12} {page.url}"
    for name, value in _fields(page).items():
        if value:
            yield f"  {name:<10} {_printable(value)}"
    if is_landed and page.outcome in ("saved", "changed", "unchanged"):
        yield f"  {'show':<10} newsbot show {shlex.quote(page.page or page.url)}"


def _fields(page: SavedPage) -> dict[str, str | None]:
    record = page.record
    return {
        "why": page.why and _WHY.get(page.why, page.why),
        "title": page.title,
        "type": page.type,
        "redirects": " -> ".join([*page.hops, page.page or ""]) if page.hops else None,
        "cut": f"the body is not whole ({page.truncated})" if page.truncated else None,
        "digest": page.payload_sha256 and f"sha256:{page.payload_sha256}",
        "record": f"{record['id']} in {record['file']} @ {record['offset']}" if record else None,
        "unchanged": f"since {page.last_capture}" if page.outcome == "unchanged" else None,
        "earlier": page.earlier and f"the same bytes as in {page.earlier}",
    }


def _replay(pages: Sequence[SavedPage], ref: RunRef) -> Iterator[str]:
    if any(page.record for page in pages):
        day = ref.date.isoformat()
        yield (
            f"  replay    newsbot export {day} --site {ref.site} --format wacz --to "
            f"{ref.site}-{day}.wacz, then open the file in https://replayweb.page"
        )


def _printable(value: Any) -> str:
    """Return the text without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
