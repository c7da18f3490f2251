"""A folder as a store: what is there is whole and on the disk, also after a crash."""

import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from newsbot.errors import (
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.files import pieces, put_on_disk, side_file, size_and_sha256, sync_folder
from newsbot.stores.store import ObjectInfo, checked_name

_RIGHTS = "give the user that runs newsbot the right to use it"
_LINKS = "its file system has no hard links, which newsbot needs: choose another NEWSBOT_STORE"
_AWAY = "the network file system does not answer: it is tried again later"
_REMEDIES = {
    errno.ENOSPC: "the disk is full: make room, then crawl or `newsbot recover` again",
    errno.EDQUOT: "the quota is used up: make room, then crawl or `newsbot recover` again",
    errno.EFBIG: "the file system or a limit (ulimit -f) allows no file of that size: raise it",
    errno.EACCES: _RIGHTS,
    errno.EPERM: f"{_RIGHTS}; or {_LINKS}",
    errno.EOPNOTSUPP: _LINKS,
    errno.EROFS: "it is mounted read-only: mount it for writing",
    errno.ENOTDIR: "a part of the path is a file: choose another NEWSBOT_STORE",
    errno.EISDIR: "a folder is in the file's place: look who made it",
    errno.ENAMETOOLONG: "the path is too long for the disk: choose a shorter NEWSBOT_STORE",
    errno.EIO: "the disk reports errors: look at the system's log before anything else",
    errno.ENOTCONN: _AWAY,
    errno.ESTALE: _AWAY,
    errno.ETIMEDOUT: _AWAY,
    errno.EHOSTUNREACH: _AWAY,
}


class FolderStore:
    """Implements Store in a folder of the local file system."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.url = str(root)

    def reach(self, *, write: bool) -> None:
        """Make the folder if it is to be written; try a write that leaves nothing behind."""
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
        """Return the time that the file system gives a new file: a server's, where it is on one."""
        with self._errors(self._root), tempfile.TemporaryFile(dir=self._root) as file:
            return datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Copy, check the copy, and link it into place; what is there is never replaced."""
        target = self._path(name)
        with self._errors(target):
            if target.exists():
                self._same_or_raise(name, sha256)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with side_file(target) as file:
                file.writelines(_local(path, digest.update))
                if digest.hexdigest() != sha256:
                    raise FixityError(f"{path}: its SHA-256 is {digest.hexdigest()}, not {sha256}")
                try:
                    self._link(file, target)
                except ObjectExists:
                    self._same_or_raise(name, sha256)

    def put_new(self, name: str, data: bytes) -> None:
        """Write to a side name, put it on the disk, and link it into place."""
        target = self._path(name)
        with self._errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with side_file(target) as file:
                file.write(data)
                self._link(file, target)

    def stat(self, name: str) -> ObjectInfo:
        """Return the checksum is computed from the bytes on the disk."""
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
        """Yield files below the folder part of the prefix whose names begin with it."""
        folder = self._root / prefix.rpartition("/")[0]
        with self._errors(folder):
            paths = {path.relative_to(self._root).as_posix(): path for path in _files(folder)}
            for name in sorted(paths):
                if name.startswith(prefix):
                    yield ObjectInfo(name, paths[name].stat().st_size, None)

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield folders directly below the prefix."""
        folder = self._root / prefix
        with self._errors(folder):
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.is_dir() and not path.name.startswith("."):
                        yield f"{prefix}{path.name}/"

    def _path(self, name: str) -> Path:
        return self._root / checked_name(name)

    def _link(self, file: IO[bytes], target: Path) -> None:
        put_on_disk(file)
        try:
            os.link(file.name, target)  # unlike a rename, this fails if the target is there
        except FileExistsError as error:
            raise ObjectExists(f"{target} is there already") from error
        except FileNotFoundError as error:
            raise StoreUnavailable(f"{target}: another newsbot cleared it away: again") from error
        for folder in (target.parent, *target.parent.parents):
            sync_folder(folder)
            if folder == self._root:
                break

    def _same_or_raise(self, name: str, sha256: str) -> None:
        if self.stat(name).sha256 != sha256:
            raise ObjectExists(f"{self._path(name)} is there already, with other bytes")

    @contextmanager
    def _errors(self, path: Path) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectMissing(f"{path}: no such file in the store") from error
        except OSError as error:
            remedy = _REMEDIES.get(error.errno or 0, "look at the folder and its disk")
            kind = StoreUnavailable if remedy == _AWAY else StoreError
            raise kind(f"{path}: {error.strerror}: {remedy}") from error


def _local(path: Path, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield the bytes of a file that is to be stored, shown to ``seen`` on their way."""
    try:
        for piece in pieces(path):
            seen(piece)
            yield piece
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror}: it cannot be read; look at the disk"
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    """Yield files below a folder, but for hidden ones and those in hidden folders."""

    def fail(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for where, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(where, name) for name in names if not name.startswith("."))
