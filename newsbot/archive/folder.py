"""A folder as a store: what is there is whole and on the disk, also after a crash."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from newsbot.archive.store import ObjectInfo, checked_name
from newsbot.errors import FixityError, ObjectExists, ObjectMissing, StoreError

_PIECE = 1024 * 1024
_REMEDIES = {
    errno.ENOSPC: "the disk is full: make room, then crawl or `newsbot recover` again",
    errno.EDQUOT: "the quota is used up: make room, then crawl or `newsbot recover` again",
    errno.EACCES: "give the user that runs newsbot the right to use it",
    errno.EPERM: "give the user that runs newsbot the right to use it",
    errno.EROFS: "it is mounted read-only: mount it for writing",
    errno.ENOTDIR: "a part of the path is a file: choose another NEWSBOT_STORE",
    errno.EIO: "the disk reports errors: look at the system's log before anything else",
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
                probe = self._root / f".probe-{os.getpid()}"
                probe.write_bytes(b"newsbot\n")
                probe.unlink()
            elif not self._root.is_dir():
                raise StoreError(
                    f"{self._root}: no such folder: has nothing landed yet, or is "
                    "NEWSBOT_STORE wrong?"
                )

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Copy, check the copy, and link it into place; what is there is never replaced."""
        target = self._path(name)
        with self._errors(target):
            if target.exists():
                self._same_or_raise(name, sha256)
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
            try:
                with path.open("rb") as source, partial.open("wb") as copy:
                    digest = _copy(source, copy)
                if digest != sha256:
                    raise FixityError(f"{path}: its SHA-256 is {digest}, not {sha256}")
                self._link(partial, target, name, sha256)
            finally:
                partial.unlink(missing_ok=True)

    def put_new(self, name: str, data: bytes) -> None:
        """Write to a side name, put it on the disk, and link it into place."""
        target = self._path(name)
        with self._errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
            try:
                with partial.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                self._link(partial, target, name, None)
            finally:
                partial.unlink(missing_ok=True)

    def stat(self, name: str) -> ObjectInfo:
        """The checksum is computed from the bytes on the disk."""
        path = self._path(name)
        with self._errors(path):
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                return ObjectInfo(name, file.tell(), digest.hexdigest())

    def get(self, name: str) -> bytes:
        """The whole file."""
        path = self._path(name)
        with self._errors(path):
            return path.read_bytes()

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """A part of the file."""
        path = self._path(name)
        with self._errors(path), path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """The file in pieces of 1 MiB."""
        path = self._path(name)
        with self._errors(path), path.open("rb") as file:
            file.seek(offset)
            while piece := file.read(_PIECE):
                yield piece

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Files below the folder part of the prefix whose names begin with it."""
        folder = self._root / prefix.rpartition("/")[0]
        with self._errors(folder):
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(self._root).as_posix()
                hidden = any(part.startswith(".") for part in name.split("/"))
                if name.startswith(prefix) and not hidden and path.is_file():
                    yield ObjectInfo(name, path.stat().st_size, None)

    def folders(self, prefix: str) -> Iterator[str]:
        """Folders directly below the prefix."""
        folder = self._root / prefix
        with self._errors(folder):
            if folder.is_dir():
                for path in sorted(folder.iterdir()):
                    if path.is_dir() and not path.name.startswith("."):
                        yield f"{prefix}{path.name}/"

    def _path(self, name: str) -> Path:
        return self._root / checked_name(name)

    def _link(self, partial: Path, target: Path, name: str, sha256: str | None) -> None:
        try:
            os.link(partial, target)  # unlike a rename, this fails if the target is there
        except FileExistsError as error:
            if sha256 is None:
                raise ObjectExists(f"{target} is there already") from error
            self._same_or_raise(name, sha256)
        for folder in (target.parent, *target.parent.parents):
            _sync(folder)
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
            raise StoreError(f"{path}: {error.strerror}: {remedy}") from error


def _copy(source: IO[bytes], copy: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        copy.write(piece)
    copy.flush()
    os.fsync(copy.fileno())
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
