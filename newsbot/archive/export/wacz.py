"""WACZ 1.1.1: one file that ReplayWeb.page opens, with the WARC files as stored.

Everything is streamed from the store into the zip, without temporary copies. WARC files and index
are stored, not deflated, so that a reader can fetch single records by range. Records in other runs
that revisits refer to are included one by one, copied byte for byte.
Source: webrecorder/specs, WACZ 1.1.1 and CDXJ 1.0.
"""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final

from newsbot._version import __version__
from newsbot.archive.export.article_records import ARTICLES_FILE, ArticleRecords
from newsbot.archive.export.dependencies import DEPENDENCIES_FILE, Dependencies
from newsbot.archive.export.index import index_lines, sorted_lines
from newsbot.archive.export.rows import article_rows
from newsbot.archive.export.selection import Exported, Selected, Selection, Target, new_file
from newsbot.archive.lines import checked_lines, checked_pieces
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ConfigError, NewsbotError
from newsbot.progress import Progress

VERSION: Final = "1.1.1"
_BLOCK: Final = 3000  # index lines in a gzip member, as in py-wacz

Json = dict[str, Any]


def export(selection: Selection, to: Target, progress: Progress) -> Exported:
    """Write the runs' WARC files, a merged index, and a page for each article.

    Of chosen articles it has their records alone, and those that they need.

    Raises:
        NewsbotError: none of the articles is as asked for.
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    try:
        with new_file(to) as file, zipfile.ZipFile(file, "w") as package:
            return _Package(selection, package, progress).write()
    except (
        RuntimeError
    ) as error:  # zipfile's error for an entry of unknown size that grew too large
        raise ConfigError(
            f"{to}: its index or its pages would be larger than 2 GiB; export fewer days at once"
        ) from error


class _Package:
    """The zip being written."""

    def __init__(self, selection: Selection, package: zipfile.ZipFile, progress: Progress) -> None:
        self._selection = selection
        self._chosen = selection.runs
        self._zip = package
        self._progress = progress
        self._resources: list[Json] = []
        self._first_page: Json | None = None
        self._articles = 0

    def write(self) -> Exported:
        if self._selection.wanted.is_everything:
            missing = self._whole_runs()
        else:
            missing = self._articles_alone()
        self._add("pages/pages.jsonl", self._pages(), compressed=True)
        self._datapackage()
        return Exported(len(self._chosen), self._articles, tuple(sorted(missing)))

    def _whole_runs(self) -> set[str]:
        """Add the WARC files and their index; return what revisits refer to in vain."""
        runs = [selected.run for selected in self._chosen]
        for run in runs:
            self._warcs(run)
        needed = Dependencies(runs)
        members = needed.members()
        if (first := next(members, None)) is not None:
            self._add(f"archive/{DEPENDENCIES_FILE}", chain([first], members))
        self._indexes(chain(chain.from_iterable(map(index_lines, runs)), needed.index))
        return needed.missing

    def _articles_alone(self) -> set[str]:
        """Add the records of the articles and their index; return those that the store lacks."""
        records = ArticleRecords(self._selection)
        members = records.members()
        if (first := next(members, None)) is None:
            raise NewsbotError("no article of these runs is as asked for, so there is no package")
        self._add(f"archive/{ARTICLES_FILE}", chain([first], members))
        self._indexes(records.index)
        return records.missing

    def _warcs(self, run: Snapshot) -> None:
        for entry in run.manifest.files:
            if entry.name.endswith(".warc.gz"):
                path = f"archive/{entry.name.rpartition('/')[2]}"
                pieces = _reporting(checked_pieces(run, entry), path, entry.size, self._progress)
                imported = run.manifest.imported is not None
                self._add(path, pieces, size=entry.size, imported=imported)

    def _add(
        self, path: str, pieces: Iterable[bytes], *, size: int = 0, compressed: bool = False,
        imported: bool = False,
    ) -> Json:  # fmt: skip
        """Stream the pieces into the zip and return their entry for the data package.

        Args:
            imported: other programs wrote these records, or some of them.
        """
        info = zipfile.ZipInfo(path, datetime.now(UTC).timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        digest, written = hashlib.sha256(), 0
        # ReplayWeb.page assumes that a local header is as long as the central one: use ZIP64
        # only where the size requires it.
        with self._zip.open(info, "w", force_zip64=size > zipfile.ZIP64_LIMIT) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                written += len(piece)
        resource: Json = {
            "name": path.rpartition("/")[2].lower(),  # the profile allows no capitals
            "path": path,
            "hash": f"sha256:{digest.hexdigest()}",
            "bytes": written,
        }
        if imported:
            resource["imported"] = True
        self._resources.append(resource)
        return resource

    # -- the index -----------------------------------------------------------------------------

    def _indexes(self, lines: Iterable[bytes]) -> None:
        """Add ``index.cdx.gz`` in blocks, and ``index.idx`` with the first key of each."""
        table: list[str] = ['!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}']
        blocks = _blocks(sorted_lines(lines), table)
        imported = any(one.run.manifest.imported is not None for one in self._chosen)
        self._add("indexes/index.cdx.gz", blocks, imported=imported)
        self._add("indexes/index.idx", ["".join(f"{line}\n" for line in table).encode()])

    # -- pages ---------------------------------------------------------------------------------

    def _pages(self) -> Iterator[bytes]:
        head = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
        yield _line(head)
        times: dict[str, str] = {}
        last: Selected | None = None
        for row in article_rows(self._selection, lambda *_: None):
            if row.selected is not last:
                times, last = self._times(row.selected.run), row.selected
            page = _page(row.article, times)
            self._first_page = self._first_page or page
            self._articles += 1
            yield _line(page)

    def _times(self, run: Snapshot) -> dict[str, str]:
        """Return when each record of an article's page was captured, by record id."""
        lines = checked_lines(run, "crawl.jsonl.gz")
        exchanges = map(json.loads, lines)
        return {e["record"]["id"]: e["time"] for e in exchanges if e["role"] == "article"}

    # -- the package's own description ---------------------------------------------------------

    def _datapackage(self) -> None:
        refs = [selected.run.ref for selected in self._chosen]
        days = sorted({ref.date.isoformat() for ref in refs})
        sites = ", ".join(sorted({ref.site for ref in refs}))
        span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        description: Json = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": f"{sites}, {span}",
            "description": "newsbot runs " + ", ".join(ref.run for ref in refs),
            "software": f"newsbot {__version__}",
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "resources": list(self._resources),
        }
        if self._first_page is not None:
            description["mainPageUrl"] = self._first_page["url"]
            description["mainPageDate"] = self._first_page["ts"]
        data = json.dumps(description, indent=2, ensure_ascii=False).encode()
        resource = self._add("datapackage.json", [data])
        digest = {"path": "datapackage.json", "hash": resource["hash"]}
        self._add("datapackage-digest.json", [json.dumps(digest, indent=2).encode()])


def _page(article: Mapping[str, Any], times: dict[str, str]) -> Json:
    record = article["sources"][0]["record_id"]
    return {
        "id": hashlib.sha256(record.encode()).hexdigest()[:20],
        "url": article["url"],
        "ts": times.get(record, article["fetched_at"]),
        "title": article["title"] or article["url"],
        "text": article["text"],
    }


def _line(fields: Json) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def _blocks(lines: Iterator[bytes], table: list[str]) -> Iterator[bytes]:
    """Yield the lines in gzip members, appending a line for each to ``table``."""
    offset = 0
    while block := list(islice(lines, _BLOCK)):
        member = gzip.compress(b"".join(line + b"\n" for line in block), mtime=0)
        key = b" ".join(block[0].split(b" ", 2)[:2]).decode()
        fields = {
            "offset": offset,
            "length": len(member),
            "digest": f"sha256:{hashlib.sha256(member).hexdigest()}",
            "filename": "index.cdx.gz",
        }
        table.append(f"{key} {json.dumps(fields)}")
        offset += len(member)
        yield member


def _reporting(
    pieces: Iterator[bytes], path: str, size: int, progress: Progress
) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        done += len(piece)
        progress(path, done, size)
        yield piece
