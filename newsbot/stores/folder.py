"""A folder as a store: each stored file is complete and synced to disk, also after a crash."""

import errno
import hashlib
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from newsbot.errors import (
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.files import pieces, put_on_disk, side_file, size_and_sha256, sync_folder
from newsbot.stores.store import ObjectInfo, checked_name

_PERMISSION = "give the user that runs newsbot permission to use it"
_NO_HARD_LINKS = (
    "newsbot needs hard links, which this file system lacks: choose another NEWSBOT_STORE"
)
_UNREACHABLE = "the network file system does not answer: newsbot tries again later"
_REMEDIES = {
    errno.ENOSPC: "the disk is full: make room, then crawl or `newsbot recover` again",
    errno.EDQUOT: "the quota is used up: make room, then crawl or `newsbot recover` again",
    errno.EFBIG: "the file system or `ulimit -f` allows no file of that size: raise the limit",
    errno.EACCES: _PERMISSION,
    errno.EPERM: f"{_PERMISSION}; or {_NO_HARD_LINKS}",
    errno.EOPNOTSUPP: _NO_HARD_LINKS,
    errno.EROFS: "it is mounted read-only: mount it for writing",
    errno.ENOTDIR: "a part of the path is a file: choose another NEWSBOT_STORE",
    errno.EISDIR: "a folder has the file's name: find out what created it, and move it away",
    errno.ENAMETOOLONG: "the path is too long for the disk: choose a shorter NEWSBOT_STORE",
    errno.EIO: "the disk reports errors: check the system's log first",
    errno.ENOTCONN: _UNREACHABLE,
    errno.ESTALE: _UNREACHABLE,
    errno.ETIMEDOUT: _UNREACHABLE,
    errno.EHOSTUNREACH: _UNREACHABLE,
}


class FolderStore:
    """Implements Store in a folder of the local file system."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.url = str(root)

    def reach(self, *, write: bool) -> None:
        """Check that the folder exists; for writing, create it and try a write that is undone."""
        with self._errors(self._root):
            if write:
                self._root.mkdir(parents=True, exist_ok=True)
                sync_folder(self._root.parent)
                probe = self._root / f".probe-{secrets.token_hex(4)}"
                with side_file(probe) as file:
                    file.write(b"newsbot\n")
                    put_on_disk(file)
                    os.link(file.name, probe)
                    probe.unlink()
            elif not self._root.is_dir():
                raise StoreError(
                    f"{self._root}: no such folder: has nothing landed yet, or is "
                    "NEWSBOT_STORE wrong?"
                )

    def clock(self) -> datetime:
        """Return the time that the file system gives a new file: on a share, the server's."""
        with self._errors(self._root), tempfile.TemporaryFile(dir=self._root) as file:
            return datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Copy the file, check the copy and link it into place; never replace an existing file."""
        target = self._path(name)
        with self._errors(target):
            if target.exists():
                self._require_same_content(name, sha256)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with side_file(target) as file:
                file.writelines(_local_pieces(path, digest.update))
                if digest.hexdigest() != sha256:
                    raise FixityError(f"{path}: its SHA-256 is {digest.hexdigest()}, not {sha256}")
                try:
                    self._link(file, target)
                except ObjectExists:
                    self._require_same_content(name, sha256)

    def put_new(self, name: str, data: bytes) -> None:
        """Write to a temporary name, sync it to disk, and link it into place."""
        target = self._path(name)
        with self._errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with side_file(target) as file:
                file.write(data)
                self._link(file, target)

    def stat(self, name: str) -> ObjectInfo:
        """Return size and SHA-256, computed from the bytes on the disk."""
        path = self._path(name)
        with self._errors(path):
            return ObjectInfo(name, *size_and_sha256(path))

    def get(self, name: str) -> bytes:
        """Return the whole file."""
        path = self._path(name)
        with self._errors(path):
            return path.read_bytes()

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """Return a part of the file."""
        path = self._path(name)
        with self._errors(path), path.open("rb") as file:
            file.seek(offset)
            return file.read(max(length, 0))

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """Yield the file in pieces of 1 MiB."""
        path = self._path(name)
        with self._errors(path):
            yield from pieces(path, offset)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the files whose names begin with the prefix, sorted by name."""
        folder = self._root / prefix.rpartition("/")[0]
        with self._errors(folder):
            paths = {path.relative_to(self._root).as_posix(): path for path in _files(folder)}
            for name in sorted(paths):
                if name.startswith(prefix):
                    yield ObjectInfo(name, paths[name].stat().st_size, None)

    def irregular(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield links, devices, pipes, hidden files and empty folders, with what they are."""
        folder = self._root / prefix
        with self._errors(folder):
            for path, what in _irregular(folder):
                name = path.relative_to(self._root).as_posix()
                yield (f"{name}/" if what == EMPTY else name), what

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the folders directly below the prefix."""
        folder = self._root / prefix
        with self._errors(folder):
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.is_dir() and not path.name.startswith("."):
                        yield f"{prefix}{path.name}/"

    def remove(self, name: str) -> None:
        """Remove the file, and the folders that are empty without it."""
        path = self._path(name)
        with self._errors(path):
            path.unlink()
            for folder in path.parents:
                if folder == self._root or any(folder.iterdir()):
                    break
                folder.rmdir()

    def _path(self, name: str) -> Path:
        return self._root / checked_name(name)

    def _link(self, file: IO[bytes], target: Path) -> None:
        put_on_disk(file)
        try:
            os.link(file.name, target)  # unlike a rename, this fails if the target exists
        except FileExistsError as error:
            raise ObjectExists(f"{target} already exists") from error
        except FileNotFoundError as error:
            raise StoreUnavailable(
                f"{target}: another newsbot process removed its temporary file: try again"
            ) from error
        for folder in (target.parent, *target.parent.parents):
            sync_folder(folder)
            if folder == self._root:
                break

    def _require_same_content(self, name: str, sha256: str) -> None:
        if self.stat(name).sha256 != sha256:
            raise ObjectExists(f"{self._path(name)} already exists, with other bytes")

    @contextmanager
    def _errors(self, path: Path) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectMissing(f"{path}: no such file in the store") from error
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, "check the folder and its disk")
            kind = StoreUnavailable if remedy == _UNREACHABLE else StoreError
            raise kind(f"{path}: {error.strerror}: {remedy}") from error


def _local_pieces(path: Path, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield the bytes of a file that is to be stored, passing each piece to ``seen`` first."""
    try:
        for piece in pieces(path):
            seen(piece)
            yield piece
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}: it cannot be read; check the disk") from error


EMPTY: Final = "is an empty folder"
_KINDS: Final = (
    (stat.S_ISLNK, "is a symbolic link, which may lead anywhere"),
    (stat.S_ISFIFO, "is a named pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the plain files below a folder, except hidden ones and those in hidden folders."""
    for where, folders, names in _walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (where / name for name in names if not name.startswith("."))
        yield from (path for path in paths if _kind(path) is None)


def _irregular(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what ``_files`` leaves out, and what it is; of a hidden folder only the folder."""
    for where, folders, names in _walk(folder):
        if not folders and not names and where != folder:
            yield where, EMPTY
        for name in (*folders, *names):
            with suppress(FileNotFoundError):  # a temporary file that has its own name now
                what = _kind(where / name) or ("is hidden" if name.startswith(".") else None)
                if what is not None:
                    yield where / name, what
        folders[:] = [name for name in folders if not name.startswith(".")]


def _kind(path: Path) -> str | None:
    """Return what kind of thing the path names; None for a plain file or folder."""
    mode = path.lstat().st_mode
    return next((what for is_kind, what in _KINDS if is_kind(mode)), None)


def _walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder with the names in it, not following links; none if there is no such."""

    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for where, folders, names in os.walk(folder, onerror=fail):
        yield Path(where), folders, names
