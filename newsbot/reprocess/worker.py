"""The worker processes of reprocessing: each has its own connection and reads ahead of itself."""

import json
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

from newsbot.archive.read_record import Place, Records
from newsbot.errors import ExtractionFailed
from newsbot.models import Article, Source, pages_read
from newsbot.reprocess.reader import Reader, Run, changed_fields
from newsbot.sites.site import Site
from newsbot.stores.opening import open_store

_READ_AHEAD: Final = 4  # records asked for at once: a store far away answers late, not slowly

Verdict = Literal["same", "changed", "lost", "found", "nothing", "extraction-failed"]


@dataclass(frozen=True, slots=True)
class Task:
    """One page to read again: an archived line, or a page that yielded no article then."""

    line: bytes | None = None
    source: Source | None = None
    url: str = ""  # of the source
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a task; ``line`` is the article's new line, without line feed."""

    verdict: Verdict
    url: str
    canonical_url: str = ""
    fetched_at: str = ""
    line: str | None = None
    fields: tuple[str, ...] = ()
    why: str = ""  # of a failed extraction


class Worker:
    """Reads pages again, in batches."""

    def __init__(self, store_url: str) -> None:
        self._records = Records(open_store(store_url))
        self._reader = Reader(self._records)
        self._pool = ThreadPoolExecutor(_READ_AHEAD, thread_name_prefix="read-ahead")

    def read(self, run: Run, site: Site, tasks: Sequence[Task]) -> list[Result]:
        """The results in the order of the tasks.

        Raises:
            StoreError: a record is not there, or damaged; or the store does not answer.
        """
        parsed = [None if task.line is None else json.loads(task.line) for task in tasks]
        sources = [
            task.source if old is None else Source.model_validate(pages_read(old["sources"])[0][1])
            for task, old in zip(tasks, parsed, strict=True)
        ]
        places = [Place.of(source.model_dump()) for source in sources if source is not None]
        self._records.ask([(place, run.ref) for place in places], self._pool)
        return [
            self._found(task, run, site) if old is None else self._again(old, run, site)
            for task, old in zip(tasks, parsed, strict=True)
        ]

    def _again(self, old: dict[str, Any], run: Run, site: Site) -> Result:
        try:
            article = self._reader.article(old, run, site)
        except ExtractionFailed as error:
            return _failed(error, old["url"], old["canonical_url"], old["fetched_at"])
        if article is None:
            return Result("lost", old["url"], old["canonical_url"], old["fetched_at"])
        fields, line = _line(article)
        changed = tuple(changed_fields(old, fields))
        return _result("changed" if changed else "same", fields, line, changed)

    def _found(self, task: Task, run: Run, site: Site) -> Result:
        if task.source is None:
            raise ValueError("a task needs a line or a source")
        try:
            article = self._reader.found(task.source, task.referrer, run, site)
        except ExtractionFailed as error:
            return _failed(error, task.url)
        if article is None:
            return Result("nothing", "")
        return _result("found", *_line(article), ())


_worker: Worker | None = None


def start(store_url: str) -> None:
    """Called once in each process; Ctrl-C is the parent's to answer."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = Worker(store_url)


def read(run: Run, site: Site, tasks: Sequence[Task]) -> list[Result]:
    """``Worker.read`` of this process's worker."""
    if _worker is None:
        raise RuntimeError("start was not called in this process")
    return _worker.read(run, site, tasks)


def _failed(
    error: ExtractionFailed, url: str, canonical_url: str = "", fetched_at: str = ""
) -> Result:
    return Result("extraction-failed", url, canonical_url, fetched_at, why=str(error))


def _line(article: Article) -> tuple[dict[str, Any], str]:
    """The article's fields, and its line as it stands in articles.jsonl.gz."""
    fields = json.loads(article.to_json())
    return fields, json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _result(
    verdict: Verdict, fields: dict[str, Any], line: str, changed: tuple[str, ...]
) -> Result:
    return Result(
        verdict, fields["url"], fields["canonical_url"], fields["fetched_at"], line, changed
    )
