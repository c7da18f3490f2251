"""Does in a store all that newsbot needs of one, with objects of its own that it removes again."""

import random
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

from botocore.exceptions import ClientError

from newsbot.doctor.check import Check
from newsbot.doctor.machine import check_clock
from newsbot.errors import FixityError, NewsbotError, ObjectExists, ObjectMissing, StoreError
from newsbot.files import sha256_of
from newsbot.stores.opening import open_store
from newsbot.stores.s3 import condition_ignored
from newsbot.stores.s3errors import error_code
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import ObjectInfo, Store

_FILE: Final = 5 * 1024**2  # bytes: more than the parts that an object is streamed in
_FILE_NAME: Final = "NEWSBOT-doctor-20250228T080000Z-abcdef-00001.warc.gz"
_NAMES: Final = (  # every character that the layout's names have; two levels below two folders
    "2025-02-28/antara-en/20250228T080000Z-abcdef/manifest.json",
    "2025-02-28/antara-en/20250228T080000Z-abcdef+2.0-rc_1/SHA256SUMS",
    "2025-02-28/antara-en/20250228T080000Z-abcdef+2.0-rc_1/articles.jsonl.gz",
    "2025-02-28/rakyatnews/20250228T080000Z-abcdef/index.cdxj",
    "2025-03-01/antara-en/20250301T080000Z-abcdef/manifest.json",
)
_FORBIDDEN: Final = {"AccessDenied", "AllAccessDisabled", "403"}
_SMALL_PAGE, _PAGE = 2, 1000  # names in one response


class StoreTrial:
    """One pass through what a store must do, with one set of options.

    ``error`` is the one that it ended with; None while all went well.

    Raises:
        ConfigError: the URL or an option cannot be used.
    """

    def __init__(self, url: str, options: S3Options) -> None:
        self._store = open_store(url, options)
        self._url, self._options = url, options
        self._is_s3 = url.startswith("s3://")
        self._prefix = f"doctor-{secrets.token_hex(4)}/"
        self._made: list[str] = []
        self.error: StoreError | None = None

    def checks(self) -> Iterator[Check]:
        """Yield what each step found, up to the first that fails; then remove what was stored."""
        try:
            yield from self._steps()
        finally:
            left = self._remove_all()
        if left is not None:
            yield left

    def _steps(self) -> Iterator[Check]:
        for name, step in self._all_steps():
            try:
                yield step()
            except StoreError as error:
                self.error = error
                yield Check(name, "wrong", str(error))
                if name == "create" and _is_forbidden(error):
                    yield self._reading_alone()
                return

    def _all_steps(self) -> tuple[tuple[str, Callable[[], Check]], ...]:
        return (
            ("reach", self._reach),
            ("create", self._create),
            ("create-only", self._create_only),
            ("checksum", self._put_damaged),
            ("clock", lambda: check_clock(self._store.clock(), "the store")),
            ("file", self._put_file),
            ("ranges", self._read_ranges),
            ("missing", self._ask_for_what_is_missing),
            ("names", self._put_names),
            ("listing", self._list_pages),
        )

    def _reach(self) -> Check:
        self._store.reach(write=False)
        return Check("reach", "good", f"{self._store.url} can be reached and listed")

    def _create(self) -> Check:
        name = self._new("create-only")
        self._store.put_new(name, b"first\n")
        _require(
            self._store.get(name) == b"first\n", f"{name}: other bytes come back than were put"
        )
        self._require_sha256(name, 6, sha256_of(b"first\n"))
        return Check("create", "good", f"{self._how_checked()}, read back as it was put")

    def _how_checked(self) -> str:
        if not self._is_s3:
            return "a file is written, synced to the disk and linked into place"
        if self._options.sends_sha256:
            return "an object is put with its SHA-256"
        return "an object is put with its MD5, and its SHA-256 as metadata"

    def _create_only(self) -> Check:
        name = self._made[0]
        try:
            self._store.put_new(name, b"second\n")
        except ObjectExists:
            _require(self._store.get(name) == b"first\n", f"{name}: refused, and yet overwritten")
        else:
            raise condition_ignored(self._store.url)
        if self._is_s3 and self._options.create_only == "check-first":
            return Check(
                "create-only", "note",
                "newsbot looks before each PUT (NEWSBOT_S3_CREATE_ONLY=check-first): the store "
                "itself would not refuse a second writer at the same moment",
            )  # fmt: skip
        return Check("create-only", "good", "a second object of the same name is refused")

    def _put_damaged(self) -> Check:
        if self._is_s3 and not self._options.sends_sha256:
            return Check("checksum", "good", "each PUT has its MD5 (Content-MD5)")
        try:
            with _file_of(b"damaged\n") as path:
                self._store.put_file(self._new("damaged"), path, sha256_of(b"as it was\n"))
        except FixityError:
            return Check("checksum", "good", "bytes that differ from their SHA-256 are refused")
        return Check(
            "checksum", "note",
            "the store does not check the SHA-256 of a PUT; with NEWSBOT_S3_CHECKSUM=md5 it may "
            "check the MD5, which is older",
        )  # fmt: skip

    def _put_file(self) -> Check:
        name = self._new(_FILE_NAME)
        digest = sha256_of(_content())
        with _file_of(_content()) as path:
            self._store.put_file(name, path, digest)
            self._store.put_file(name, path, digest)
        self._require_sha256(name, _FILE, digest)
        return Check("file", "good", "5 MiB are stored with one PUT; again is no error")

    def _read_ranges(self) -> Check:
        name, content = self._prefix + _FILE_NAME, _content()
        _require(
            self._store.get_range(name, 100, 50) == content[100:150]
            and self._store.get_range(name, _FILE - 3, 50) == content[-3:]
            and self._store.get_range(name, _FILE, 50) == b"",
            f"{name}: a ranged GET returns other bytes than it was asked for",
        )
        read = b"".join(self._store.stream(name, 1000))
        _require(read == content[1000:], f"{name}: other bytes come back than were put")
        return Check("ranges", "good", "ranges of a file are read, also several at once")

    def _ask_for_what_is_missing(self) -> Check:
        name = f"{self._prefix}nothing"
        for ask in (self._store.stat, self._store.get):
            try:
                ask(name)
            except ObjectMissing:
                continue
            raise StoreError(f"{self._store.url}/{name}: found, although nobody has put it")
        return Check("missing", "good", "an object that does not exist is said not to")

    def _put_names(self) -> Check:
        for name in _NAMES:
            self._store.put_new(self._new(name), name.encode())
        _require(
            all(self._store.get(self._prefix + name) == name.encode() for name in _NAMES),
            f"{self._prefix}: objects are mistaken for each other by their names",
        )
        return Check("names", "good", "all characters of newsbot's names are kept")

    def _list_pages(self) -> Check:
        paged = open_store(self._url, replace(self._options, page_size=_SMALL_PAGE))
        days = list(paged.folders(self._prefix))
        _require(
            sorted(days) == [f"{self._prefix}2025-02-28/", f"{self._prefix}2025-03-01/"],
            f"{self._prefix}: its folders are listed as {days}",
        )
        self._require_all_listed(paged)
        began = monotonic()
        number = len(list(islice(self._store.list(""), _PAGE)))
        text = (
            "objects and folders are listed, page by page; the store's first "
            f"{number} names in {monotonic() - began:.1f} s"
        )
        if self._is_s3 and self._require_all_listed(self._store).md5 is None:
            return Check("listing", "note", f"{text}; without MD5, so landing asks for each file")
        return Check("listing", "good", text)

    def _require_all_listed(self, store: Store) -> ObjectInfo:
        """Check that the store lists all that was put, and return one of its entries."""
        listed = {info.name: info for info in store.list(f"{self._prefix}2025-")}
        wanted = {self._prefix + name: len(name) for name in _NAMES}
        _require(
            {name: info.size for name, info in listed.items()} == wanted,
            f"{self._prefix}: {len(listed)} of {len(wanted)} objects are listed, or with a wrong "
            "size: the store does not page its listings as S3 does",
        )
        return listed[self._prefix + _NAMES[0]]

    def _reading_alone(self) -> Check:
        """Return whether these credentials may at least read."""
        try:
            found = next(self._store.list(""), None)
            if found is not None:
                self._store.get_range(found.name, 0, 1)
        except StoreError as error:
            return Check("reading", "wrong", f"objects can be listed, but not read: {error}")
        what = "objects can be read" if found else "nothing is there to read yet"
        return Check(
            "reading", "note", f"{what}: enough to list, download and verify, not to crawl"
        )

    def _remove_all(self) -> Check | None:
        left = []
        for name in self._made:
            try:
                self._store.remove(name)
            except ObjectMissing:
                continue
            except NewsbotError as error:
                left.append((name, error))
        if not self._made:
            return None
        if left:
            return Check(
                "removal", "note",
                "these credentials cannot remove objects, which newsbot does not need; left "
                f"behind for you to remove: {self._store.url}/{self._prefix} ({left[0][1]})",
            )  # fmt: skip
        return Check("removal", "good", "what was stored for these checks is removed again")

    def _new(self, name: str) -> str:
        self._made.append(self._prefix + name)
        return self._made[-1]

    def _require_sha256(self, name: str, size: int, sha256: str) -> None:
        there = self._store.stat(name)
        _require(
            (there.size, there.sha256) == (size, sha256),
            f"{name}: the store says {there.size} bytes with SHA-256 {there.sha256}, not {size} "
            f"with {sha256}: it keeps neither the checksum nor the metadata of a PUT",
        )


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise StoreError(what)


def _is_forbidden(error: StoreError) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and error_code(cause) in _FORBIDDEN


@contextmanager
def _file_of(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(content)
        yield path


@cache
def _content() -> bytes:
    """Return bytes that differ from one place to the next, the same in each pass."""
    return random.Random(_FILE).randbytes(_FILE)  # noqa: S311 - no secret
