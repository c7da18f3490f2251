"""What is imported: a WARC file, or a WACZ package and the WARC files in it."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Literal, cast

from newsbot.errors import NewsbotError
from newsbot.files import PIECE, size_and_sha256
from newsbot.importing.repacking import PieceReader, packed
from newsbot.layout import is_safe_name
from newsbot.warc.check import WarcCheck
from newsbot.warc.fault import Fault

_ZIP, _GZIP, _PLAIN, _ZSTD = b"PK", b"\x1f\x8b", b"WARC/", b"\x28\xb5\x2f\xfd"
_DATAPACKAGE: Final = "datapackage.json"
_MAX_DATAPACKAGE: Final = 64 * 1024 * 1024  # bytes
_SINGLE_MEMBER: Final = "several records in one gzip member"


class NotImportable(NewsbotError):
    """A file that cannot be imported, and what to do with it."""


@dataclass(frozen=True, slots=True)
class SourceWarc:
    """A WARC file as it came.

    ``name`` is its own or its path in the WACZ; ``open_raw`` opens its bytes; ``sha256`` and
    ``size`` are theirs; ``declared`` is the SHA-256 that the package says it has.
    """

    name: str
    open_raw: Callable[[], IO[bytes]]
    is_packed: bool
    size: int
    sha256: str
    declared: str | None = None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it as it is kept: as it came if it is compressed, else one gzip member a record."""
        with closing(self.open_raw()) as raw:
            yield raw if self.is_packed else cast("IO[bytes]", PieceReader(packed(raw, self.name)))

    def copy_to(self, file: IO[bytes]) -> None:
        """Write it as it is kept.

        Raises:
            NotImportable: it has changed since it was checked.
        """
        with closing(self.open_raw()) as raw:
            hashing = _HashingReader(raw)
            kept = hashing.pieces() if self.is_packed else packed(hashing, self.name)
            for piece in kept:
                file.write(piece)
        if hashing.digest.hexdigest() != self.sha256:
            raise NotImportable(f"{self.name}: was changed while it was imported: import it again")

    def faults(self) -> Iterator[Fault]:
        """Yield its faults, as `newsbot verify` finds them; remarks are left out.

        Raises:
            NotImportable: it is one gzip member, so that no record of it can be read alone.
        """
        if self.declared not in (None, self.sha256):
            what = f"SHA-256 is {self.sha256}, and datapackage.json says {self.declared}"
            yield Fault(self.name, what)
        with self.open() as file:
            for fault in WarcCheck(self.name).run(file):
                if fault.what == _SINGLE_MEMBER:
                    raise NotImportable(
                        f"{self.name}: is compressed as a whole, not record by record, so that no "
                        "record can be read alone: `gunzip` it and import the .warc"
                    )
                if not fault.is_remark:
                    yield fault


class _HashingReader(io.RawIOBase):
    """A file that is read once, and the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece

    def pieces(self) -> Iterator[bytes]:
        """Yield the rest."""
        while piece := self.read(PIECE):
            yield piece


@dataclass(frozen=True, slots=True)
class Source:
    """The file to import; ``extras`` are files of a WACZ that are kept beside its WARC files."""

    path: Path
    kind: Literal["warc", "wacz"]
    size: int
    sha256: str
    warcs: tuple[SourceWarc, ...]
    extras: Mapping[str, Callable[[], IO[bytes]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def kept_size(self) -> int:
        """The bytes that the run will hold, or more."""
        return max(self.size, sum(warc.size for warc in self.warcs))


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open the file to be imported; reads it once, for its SHA-256.

    Raises:
        NotImportable: it is neither WARC nor WACZ, or cannot be read (also within the block).
    """
    with _read_errors(path):
        with path.open("rb") as file:
            start = file.read(5)
        size, sha256 = size_and_sha256(path)
        if start.startswith(_ZIP):
            with zipfile.ZipFile(path) as package:
                yield _of_package(path, size, sha256, package)
            return
        if not start.startswith((_GZIP, _PLAIN)):
            raise NotImportable(f"{path}: {_what_else(start)}")
        is_packed = start.startswith(_GZIP)
        warc = SourceWarc(path.name, lambda: path.open("rb"), is_packed, size, sha256)
        yield Source(path, "warc", size, sha256, (warc,))


def _what_else(start: bytes) -> str:
    if start.startswith(_ZSTD):
        return "is compressed with zstd: decompress it (`zstd -d`) and import the .warc"
    return "is neither a WARC file (.warc.gz, .warc) nor a WACZ package"


def _of_package(path: Path, size: int, sha256: str, package: zipfile.ZipFile) -> Source:
    declared = _declared_digests(package)
    warcs = [
        _member(package, info, declared) for info in package.infolist() if _is_warc(info.filename)
    ]
    if not warcs:
        raise NotImportable(f"{path}: is a zip file without WARC files in archive/: not a WACZ")
    extras = {
        f"wacz/{name}": _opener(package, name) for name in package.namelist() if _is_extra(name)
    }
    return Source(path, "wacz", size, sha256, tuple(warcs), extras)


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.endswith((".warc", ".warc.gz"))


def _is_extra(name: str) -> bool:
    """Return whether a member says of the captures what the WARC files do not: pages and origin."""
    is_wanted = name in (_DATAPACKAGE, "datapackage-digest.json") or (
        name.startswith("pages/") and name.endswith(".jsonl")
    )
    return is_wanted and is_safe_name(name)


def _member(
    package: zipfile.ZipFile, info: zipfile.ZipInfo, declared: Mapping[str, str]
) -> SourceWarc:
    opener, digest = _opener(package, info.filename), hashlib.sha256()
    with opener() as file:
        start = file.read(5)
        digest.update(start)
        while piece := file.read(PIECE):
            digest.update(piece)
    if not start.startswith((_GZIP, _PLAIN)):
        raise NotImportable(f"{info.filename}: {_what_else(start)}")
    return SourceWarc(
        info.filename, opener, start.startswith(_GZIP), info.file_size, digest.hexdigest(),
        declared.get(info.filename),
    )  # fmt: skip


def _opener(package: zipfile.ZipFile, name: str) -> Callable[[], IO[bytes]]:
    return lambda: package.open(name)


def _declared_digests(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the SHA-256 (hex) that the package's description has of each of its files."""
    try:
        info = package.getinfo(_DATAPACKAGE)
        if info.file_size > _MAX_DATAPACKAGE:
            raise NotImportable(f"{_DATAPACKAGE}: has {info.file_size} bytes: not a WACZ")
        found = json.loads(package.read(info))
        resources: list[Any] = found["resources"]
        return {
            one["path"]: one["hash"].removeprefix("sha256:")
            for one in resources
            if str(one.get("hash", "")).startswith("sha256:")
        }
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NotImportable(
            f"{package.filename}: has no readable {_DATAPACKAGE}: not a WACZ; unzip it and import "
            "the WARC files of archive/"
        ) from error


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotImportable(f"{path}: cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise NotImportable(f"{path}: a damaged package, or of another kind: {error}") from error
    except RuntimeError as error:
        if "encrypted" not in str(error):
            raise
        raise NotImportable(f"{path}: is encrypted: decrypt it first") from error
