"""The JSON lines of a run: each names a record that is there, and says what the record says."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from datetime import datetime, timedelta
from typing import Any, Final

from newsbot.archive.lines import gzip_lines
from newsbot.archive.snapshots import LandedFile, Snapshot
from newsbot.archive.verify.records import Finder, NotRead, RunRecords
from newsbot.errors import DamagedGzip
from newsbot.warc.check import TEXT_URN, CheckedRecord
from newsbot.warc.fault import Fault

ARTICLES: Final = "articles.jsonl.gz"
CRAWL: Final = "crawl.jsonl.gz"
EVENTS: Final = "events.jsonl.gz"
LOG: Final = "log.jsonl.gz"
_LONGEST: Final = 64 * 1024**2  # bytes of a line
_LONGEST_FETCH: Final = timedelta(days=1)

Line = Mapping[str, Any]


class LinesCheck:
    """The check of one file of lines; ``faults`` fills ``count``, the number of its lines."""

    def __init__(self, file: LandedFile, finder: Finder) -> None:
        self.count = 0
        self._file = file
        self._finder = finder

    def faults(self) -> Iterator[Fault]:
        """Yield the faults of all lines, and of the file as a whole."""
        try:
            for data in gzip_lines(self._file.stream(), self._file.name, _LONGEST):
                self.count += 1
                line = _parsed(data)
                if line is None:
                    yield self._fault("a line is not a JSON object")
                else:
                    yield from self._line_faults(line)
        except DamagedGzip as error:
            yield Fault(self._file.name, "is not gzipped JSON lines", detail=str(error))
            return
        yield from self._close()

    def _fault(self, what: str, detail: str = "", record_id: str | None = None) -> Fault:
        where = f"line {self.count}"
        return Fault(
            self._file.name, what, None, record_id, detail=f"{where}: {detail}" if detail else where
        )

    def _line_faults(self, line: Line) -> Iterator[Fault]:
        """Yield the faults of one line: here, of the record that it names, if it names one."""
        place = line.get("record")
        if isinstance(place, Mapping):
            yield from self._pointer_faults(place, line)
        elif place is not None:
            yield self._fault("a line names no record", f"{place!r:.80}")

    def _close(self) -> Iterator[Fault]:
        """Yield the faults that show when all lines were read."""
        yield from ()

    def _pointer_faults(self, place: Line, line: Line) -> Iterator[Fault]:
        """Yield the faults of a place that a line names."""
        record_id = place.get("record_id") or place.get("id")
        try:
            file, offset, length = _place(place)
            record = self._finder.find(file, offset, length)
        except NotRead:
            return
        except (TypeError, ValueError):
            record = None
        if record is None or (record.record_id, record.length) != (record_id, place.get("length")):
            where = f"{place.get('offset')!r:.30} of {place.get('file')!r:.200}"
            detail = f"{record_id!r:.80} at {where}"
            yield self._fault("a line's record is not at its place", detail)
            return
        if place.get("role", "page") == "page" and record.url != line.get("url"):
            detail = f"of {(record.url or '')[:200]}"
            yield self._fault("a line's record is of another URL", detail, record.record_id)
        yield from self._record_faults(record, place, line)

    def _record_faults(
        self,
        record: CheckedRecord,  # noqa: ARG002 - for those that inherit it
        place: Line,  # noqa: ARG002
        line: Line,  # noqa: ARG002
    ) -> Iterator[Fault]:
        """Yield what a line says other than the record that it names."""
        yield from ()


class CrawlCheck(LinesCheck):
    """The crawl log: it has a line for each response, which says what the record says."""

    def __init__(self, run: Snapshot, file: LandedFile, records: RunRecords) -> None:
        super().__init__(file, records)
        self._run = run
        self._records = records
        self._logged: set[tuple[str, int]] = set()

    def _pointer_faults(self, place: Line, line: Line) -> Iterator[Fault]:
        if place.get("type") not in ("request", "metadata"):
            yield from super()._pointer_faults(place, line)
            return
        try:  # a failed exchange has no response to refer to
            if not self._records.has_id(str(place.get("id"))):
                yield self._fault("a line's record is in no file", f"{place.get('id')!r:.80}")
        except NotRead:
            return

    def _record_faults(self, record: CheckedRecord, place: Line, line: Line) -> Iterator[Fault]:
        self._logged.add((str(place["file"]), record.offset))
        found: dict[str, tuple[object, object]] = {
            "type": (place.get("type"), record.kind),
            "time": (_moment(line.get("time")), _moment(record.date)),
        }
        if self._run.manifest.imported is None:  # others may give none, or another kind
            found["payload_digest"] = (line.get("payload_digest"), record.payload_digest)
        if record.status is not None:  # what says that a page is unchanged has none in its record
            found["status"] = (line.get("status"), record.status)
        differing = [name for name, (said, is_) in found.items() if said != is_]
        if differing:
            detail = f"in {', '.join(differing)}"
            yield self._fault("a line differs from its record", detail, record.record_id)

    def _close(self) -> Iterator[Fault]:
        for file, record in self._records:
            if record.is_logged and (file, record.offset) not in self._logged:
                detail = f"the one at {record.offset} of {file}, {(record.url or '')[:200]}"
                yield Fault(
                    self._file.name, "has no line for a record", None, record.record_id,
                    detail=detail,
                )  # fmt: skip


class ArticlesCheck(LinesCheck):
    """The articles: each is whole, of this site, and has the text that was archived as its text.

    Args:
        records: the run's own, if it has read pages and all its records were read; the texts are
            among them.
    """

    def __init__(
        self, run: Snapshot, file: LandedFile, finder: Finder, records: RunRecords | None
    ) -> None:
        super().__init__(file, finder)
        self._run = run
        self._texts = None if records is None else _texts(records)

    def _line_faults(self, line: Line) -> Iterator[Fault]:
        sources = line.get("sources")
        if not isinstance(sources, list) or not sources:
            yield self._fault("an article names no record")
            return
        for place in sources:
            if isinstance(place, Mapping):
                yield from self._pointer_faults(place, line)
            else:
                yield self._fault("a line names no record", f"{place!r:.80}")
        yield from self._picture_faults(line)
        if line.get("site") != self._run.ref.site:
            yield self._fault("an article is of another site", f"{line.get('site')!r:.80}")
        yield from self._text_faults(line)

    def _picture_faults(self, line: Line) -> Iterator[Fault]:
        images = line.get("images")
        for image in images if isinstance(images, list) else ():
            place = image.get("record") if isinstance(image, Mapping) else None
            if isinstance(place, Mapping):
                yield from self._pointer_faults({**place, "role": "picture"}, line)

    def _text_faults(self, line: Line) -> Iterator[Fault]:
        title, text, url = line.get("title") or "", line.get("text"), line.get("url")
        if _sha256(f"{title}\n{text}") != line.get("content_sha256"):
            yield self._fault("content_sha256 does not match its title and text", f"{url!r:.200}")
        if self._texts is None:
            return
        texts = self._texts.get(f"{TEXT_URN}{url}")
        if texts is None:
            yield self._fault("an article's text has no record urn:text:…", f"{url!r:.200}")
        elif _sha256(f"{title}\n\n{text}\n") not in texts:
            yield self._fault("an article's text is not that of its record urn:text:…", f"{url!r}")

    def _record_faults(self, record: CheckedRecord, place: Line, line: Line) -> Iterator[Fault]:
        if place.get("role", "page") not in ("page", "next_page"):
            return
        is_derived = self._run.ref.is_derived  # of a run that may have been imported
        is_own = self._run.manifest.imported is None and not is_derived  # others may give none
        if is_own and place.get("payload_digest") != record.payload_digest:
            yield self._fault("an article names another payload", "", record.record_id)
        if place.get("role", "page") == "page" and not _is_fetched_in(line, record):
            detail = f"{line.get('fetched_at')!r:.60}, its record is of {record.date}"
            yield self._fault("fetched_at is not the time of its record", detail, record.record_id)

    def _close(self) -> Iterator[Fault]:
        counted = self._run.manifest.counts["articles"]
        if counted != self.count:
            detail = f"has {self.count}, the manifest counts {counted}"
            yield Fault(self._file.name, "articles are missing or too many", detail=detail)


def _texts(records: RunRecords) -> Mapping[str, Set[str]]:
    """Return the SHA-256 of the texts that were archived, by the name of their records."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for _, record in records:
        if record.text_sha256 is not None and record.url is not None:
            texts[record.url].add(record.text_sha256)
    return texts


def _parsed(data: bytes) -> Line | None:
    try:
        line = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _place(place: Line) -> tuple[str, int, int]:
    return str(place.get("file")), int(place.get("offset") or 0), int(place.get("length") or 0)


def _moment(text: object) -> object:
    """Return the time that a text gives, whose fraction may be printed or not."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return text


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_fetched_in(line: Line, record: CheckedRecord) -> bool:
    """Return whether the end of an article's fetch is soon after its record's date."""
    try:
        began = datetime.fromisoformat(record.date or "")
        ended = datetime.fromisoformat(str(line.get("fetched_at")))
        return began <= ended <= began + _LONGEST_FETCH
    except (ValueError, TypeError, OverflowError):
        return False
