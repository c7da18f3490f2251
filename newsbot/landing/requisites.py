"""What became of a run's requisites: read from its journal when the run is closed.

The journal ``requisites.jsonl`` has a line for each page, with what it names; for each style sheet,
with what it names; and for each answer. Articles get their counts and the records of their pictures
from it, and what is left becomes an event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

from newsbot.ledger.requisites import LEFT
from newsbot.models import Article, Image, MissedRequisite, PageRequisites, RecordPlace

_MOST_MISSED: Final = 100  # that an article names
_PER_EVENT: Final = 500  # requisites in a line of events
_MOST_TRIES: Final = 3  # runs that try one in vain
PENDING: Final = "pending"


class RunRequisites:
    """The requisites of one run, by page and by address."""

    def __init__(self, lines: Iterable[Mapping[str, Any]]) -> None:
        self._of_page: dict[str, list[str]] = {}  # by the id of the page's record
        self._in_sheet: dict[str, list[str]] = {}
        self._kept: dict[str, Mapping[str, Any]] = {}  # the answer, or {} of an earlier run
        self._missed: dict[str, str] = {}
        self._waiting: dict[str, tuple[str, str, int, int]] = {}  # kind, page, tries, depth
        self._time = ""
        for line in lines:
            self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        if "wanted" in line:
            self._time = line["time"]
            names = self._of_page if "of" in line else self._in_sheet
            names[line.get("of") or line["in"]] = [url for url, _ in line["wanted"]]
            for url, kind in line["wanted"]:
                self._waiting.setdefault(url, (kind, line["page"], 0, line.get("depth", 0)))
        elif "kept" in line:
            self._kept.update((url, {}) for url in line["kept"])
        elif "refused" in line:
            self._missed.update((url, line["why"]) for url in line["refused"])
        elif "record" in line:
            self._kept[line["url"]] = line
        else:
            self._missed[line["url"]] = line["why"]
            if line.get("retry"):
                tries = line["tries"] + 1
                self._waiting[line["url"]] = (line["kind"], line["page"], tries, line["depth"])

    def complete(self, line: str) -> str:
        """Return an article's line with what became of its page's requisites."""
        if not self._of_page:
            return line
        article = Article.model_validate_json(line)
        wanted = self._wanted_by([source.record_id for source in article.sources])
        if wanted is None:
            return line
        missed = [(url, self._why_missed(url)) for url in wanted if url not in self._kept]
        summary = PageRequisites(
            wanted=len(wanted),
            kept=len(wanted) - len(missed),
            missed=tuple(MissedRequisite(url=u, why=w) for u, w in missed[:_MOST_MISSED]),
        )
        images = tuple(map(self._with_record, article.images))
        return article.model_copy(update={"requisites": summary, "images": images}).to_json()

    def events(self) -> Iterator[str]:
        """Yield the events of what is left to later runs; of what failed too often, nothing."""
        left = (
            [url, kind, page, tries, depth]
            for url, (kind, page, tries, depth) in self._waiting.items()
            if url not in self._kept and (tries or url not in self._missed)
            if tries < _MOST_TRIES
        )  # fmt: skip
        while some := list(islice(left, _PER_EVENT)):
            event = {"time": self._time, "event": LEFT, "requisites": some}
            yield json.dumps(event, ensure_ascii=False, separators=(",", ":"))

    def _wanted_by(self, records: Iterable[str]) -> dict[str, None] | None:
        """Return what the pages in the records name, and what that names; None if not looked for.

        ``dict`` keeps the order, and each address once.
        """
        pages = [self._of_page[record] for record in records if record in self._of_page]
        if not pages:
            return None
        found = dict.fromkeys(url for page in pages for url in page)
        unread = list(found)
        while unread:
            named = [url for url in self._in_sheet.get(unread.pop(), ()) if url not in found]
            found.update(dict.fromkeys(named))
            unread += named
        return found

    def _why_missed(self, url: str) -> str:
        return self._missed.get(url, PENDING)

    def _with_record(self, image: Image) -> Image:
        answer = self._kept.get(image.url.partition("#")[0])
        if not answer:
            return image
        record = RecordPlace.model_validate(answer["record"])
        return image.model_copy(update={"record": record, "sha256": answer.get("sha256")})


def read_requisites(journal: Path) -> RunRequisites:
    """Return what the journal of a run says; nothing for a run of a version without it."""
    if not journal.is_file():
        return RunRequisites(())
    with journal.open("rb") as file:
        whole = (line for line in file if line.endswith(b"\n"))  # a crash may cut the last one
        return RunRequisites(map(json.loads, whole))
