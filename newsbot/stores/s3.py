"""S3 and compatible services as a store; boto3's variables give credentials and endpoint."""

import base64
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError, PaginationError

from newsbot.errors import (
    ConfigError,
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.files import PIECE, md5_and_sha256, sha256_of, size_and_sha256
from newsbot.stores.parallel import read_in_order
from newsbot.stores.s3advice import CHECK_FIRST, GOOGLE, LISTING_V1
from newsbot.stores.s3client import s3_client
from newsbot.stores.s3errors import FOREIGN_ERRORS, error_code, newsbot_error
from newsbot.stores.s3options import S3Options, as_variable
from newsbot.stores.store import MARKER, ObjectInfo, checked_name, write_marker

_MD5 = re.compile('"?([0-9a-f]{32})"?')
_METADATA = "sha256"  # x-amz-meta-sha256, hex: for stores that drop the checksum headers
_PART = 4 * 1024 * 1024  # bytes of one ranged GET of an object that is streamed
_AT_ONCE = 4  # concurrent reads of one object: one connection to a distant store is slow


class S3Store:
    """Implements Store on a bucket, below a prefix.

    Each file is one PUT with its SHA-256 in the checksum header (checked by the store) and in the
    object's metadata. Objects are created, never replaced (``If-None-Match: *``). The options have
    other ways for stores that refuse these.
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options = S3Options()) -> None:  # noqa: B008 - frozen
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._options = options
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        try:
            # a download fetches four files at once
            self._client = s3_client(options, connections=4 * _AT_ONCE)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"{self.url}: {error}; check boto3's variables and files") from error

    def reach(self, *, write: bool) -> None:
        """List one name; for writing, also try a PUT that must fail on its condition.

        The PUT is tried at every start, not only on a new store: it costs two requests and detects
        read-only credentials and a store (or a gateway in front of it) that ignores the condition.
        It sends the marker's own bytes, so it cannot change anything.
        """
        try:
            self._list_one()
        except ObjectMissing as error:  # for a missing bucket S3 answers NoSuchBucket, not this
            raise StoreError(
                f"{self.url}: not found, and that is not how S3 answers: is AWS_ENDPOINT_URL the "
                "S3 port, not a console or a proxy?"
            ) from error
        if write:
            self._probe_conditional_put()

    def clock(self) -> datetime:
        """Return the store's own time, to the second, from the Date header of a response."""
        return parsedate_to_datetime(self._list_one()["ResponseMetadata"]["HTTPHeaders"]["date"])

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """Store the file with one checksummed PUT; an object of that name must have its SHA-256."""
        try:
            with path.open("rb") as file:
                self._put(name, file, sha256)
        except OSError as error:
            raise StoreError(
                f"{path}: {error.strerror}: it cannot be read; check the disk"
            ) from error
        except ObjectExists:
            existing = self.stat(name)
            if existing.sha256 != sha256:
                raise
        except FixityError as error:
            _, now = size_and_sha256(path)
            if now != sha256:
                raise FixityError(f"{path}: its SHA-256 is {now}, not {sha256}") from error
            raise StoreUnavailable(str(error)) from error

    def put_new(self, name: str, data: bytes) -> None:
        """Create the object with one PUT that succeeds only if the name is free."""
        self._put(name, data, sha256_of(data))

    def stat(self, name: str) -> ObjectInfo:
        """Return size and SHA-256: as the store computed it, else as the metadata has it."""
        with self._errors(name):
            head = self._client.head_object(
                Bucket=self._bucket, Key=self._key(name), **self._asking_for_checksum()
            )
        checksum = head.get("ChecksumSHA256")
        is_whole = checksum and "-" not in checksum  # a dash: of a multipart upload's parts
        sha256 = base64.b64decode(checksum).hex() if is_whole else _sha256_stated(head)
        return ObjectInfo(name, head["ContentLength"], sha256)

    def get(self, name: str) -> bytes:
        """Return the whole object, checked against the store's checksum."""
        with self._errors(name):
            response = self._client.get_object(
                Bucket=self._bucket, Key=self._key(name), **self._asking_for_checksum()
            )
        return self._body(name, response)

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """Return the bytes of one ranged GET; fewer where the object ends before."""
        return self._ranged(name, offset, length) if length > 0 else b""

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """Yield the object from an offset on in pieces of 4 MiB, several ranged GETs at once."""
        first = self._open_range(name, offset, _PART)
        if first is None:
            return

        def read(start: int, stopped: Event) -> bytes:
            if start == offset:
                return self._body(name, first, stopped)
            return self._ranged(name, start, _PART, stopped)

        yield from read_in_order(read, range(offset, _size_of(first), _PART), _AT_ONCE)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Yield the objects whose names begin with the prefix, page by page.

        The ETag of an object that one PUT sent is in most stores the MD5 of its bytes.
        """
        for page in self._pages(prefix):
            for entry in page.get("Contents", []):
                name = entry["Key"].removeprefix(self._prefix)
                tag = _MD5.fullmatch(entry.get("ETag", ""))
                yield ObjectInfo(name, entry["Size"], None, tag and tag[1])

    def irregular(self, prefix: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - the protocol
        """Yield nothing: a bucket holds plain objects only."""
        return iter(())

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the common prefixes below the prefix."""
        for page in self._pages(prefix, Delimiter="/"):
            for entry in page.get("CommonPrefixes", []):
                yield entry["Prefix"].removeprefix(self._prefix)

    def remove(self, name: str) -> None:
        """Delete the object; in a bucket with versions, put a delete marker in front of it."""
        with self._errors(name):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def _list_one(self) -> Any:
        ask = self._client.list_objects_v2 if self._is_v2 else self._client.list_objects
        with self._errors(""):
            return ask(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)

    @property
    def _is_v2(self) -> bool:
        return self._options.listing == "v2"

    def _pages(self, prefix: str, **more: Any) -> Iterator[Any]:
        operation = "list_objects_v2" if self._is_v2 else "list_objects"
        pages = self._client.get_paginator(operation).paginate(
            Bucket=self._bucket,
            Prefix=self._prefix + prefix,
            PaginationConfig={"PageSize": self._options.page_size},
            **more,
        )
        with self._errors(prefix):
            try:
                for page in pages:
                    yield page
                    self._require_continuation(page)
            except PaginationError as error:
                raise self._listing_is_cut(str(error)) from error

    def _require_continuation(self, page: Any) -> None:
        """Check that a page that is not the last says where the next begins.

        A store that does not know ListObjectsV2 answers it as ListObjects: boto3 would take its
        first page for all there is.
        """
        if not page.get("IsTruncated"):
            return
        token = "NextContinuationToken" if self._is_v2 else "NextMarker"
        if not page.get(token) and (self._is_v2 or not page.get("Contents")):
            raise self._listing_is_cut(f"more names follow, and there is no {token}")

    def _listing_is_cut(self, what: str) -> StoreError:
        settings = (LISTING_V1,) if self._is_v2 else ()
        remedy = f"set {as_variable(LISTING_V1)}" if settings else "check the store's own log"
        return StoreError(f"{self.url}: the store's listing breaks off: {what}: {remedy}", settings)

    def _put(self, name: str, body: bytes | IO[bytes], sha256: str) -> None:
        """Create the object, as the option has it."""
        if self._options.create_only == "conditional":
            self._write(name, body, sha256)
            return
        if self._exists(name):
            raise ObjectExists(f"{self.url}/{name} already exists")
        self._write(name, body, sha256)
        if self.stat(name).sha256 != sha256:
            raise ObjectExists(f"{self.url}/{name} was created by another process just now")

    def _exists(self, name: str) -> bool:
        try:
            self.stat(name)
        except ObjectMissing:
            return False
        return True

    def _write(self, name: str, body: bytes | IO[bytes], sha256: str) -> None:
        checksum = self._checksum(name, body, sha256)
        with self._errors(name):
            response = self._client.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=body,
                Metadata={_METADATA: sha256},
                **checksum,
                **self._options.put_arguments(datetime.now(UTC)),
            )
        if self._options.encryption and not response.get("ServerSideEncryption"):
            raise StoreError(
                f"{self.url}/{name}: stored, but not encrypted: the store ignores "
                "NEWSBOT_S3_ENCRYPTION; unset it, or use a store that encrypts"
            )

    def _checksum(self, name: str, body: bytes | IO[bytes], sha256: str) -> dict[str, str]:
        """Return the argument of PutObject by which the store checks what arrives."""
        if self._options.sends_sha256:
            return {"ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode("ascii")}
        md5, now = md5_and_sha256(body)
        if now != sha256:
            raise FixityError(f"{self.url}/{name}: its SHA-256 is {now}, not {sha256}")
        return {"ContentMD5": base64.b64encode(md5).decode("ascii")}

    def _asking_for_checksum(self) -> dict[str, str]:
        return {"ChecksumMode": "ENABLED"} if self._options.sends_sha256 else {}

    def _ranged(self, name: str, offset: int, length: int, stopped: Event | None = None) -> bytes:
        response = self._open_range(name, offset, length)
        return b"" if response is None else self._body(name, response, stopped)

    def _open_range(self, name: str, offset: int, length: int) -> Any:
        """Return the response to a ranged GET, its body unread; None if the object ends before."""
        byte_range = f"bytes={offset}-{offset + length - 1}"
        with self._errors(name):
            try:
                return self._client.get_object(
                    Bucket=self._bucket, Key=self._key(name), Range=byte_range
                )
            except ClientError as error:
                if error_code(error) in ("InvalidRange", "416"):
                    return None
                raise

    def _body(self, name: str, response: Any, stopped: Event | None = None) -> bytes:
        """Return the body of a response; only a part of it if it is stopped."""
        with self._errors(name), closing(response["Body"]) as body:
            pieces = body.iter_chunks(PIECE)
            return b"".join(takewhile(lambda _: stopped is None or not stopped.is_set(), pieces))

    def _probe_conditional_put(self) -> None:
        """Check that the store honours If-None-Match: a second PUT of the marker must fail."""
        try:
            existing = self.get(MARKER)
        except ObjectMissing:
            write_marker(self)
            existing = self.get(MARKER)
        if self._options.create_only == "check-first":
            self._write(MARKER, existing, sha256_of(existing))  # the right to write alone is tried
            return
        try:
            self.put_new(MARKER, existing)
        except ObjectExists:
            return
        raise condition_ignored(self.url)

    def _key(self, name: str) -> str:
        return self._prefix + checked_name(name)

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except FOREIGN_ERRORS as error:
            raise newsbot_error(
                f"{self.url}/{name}" if name else self.url, error, self._options
            ) from error


def condition_ignored(url: str) -> StoreError:
    """Return the error of a store that replaces an object although the condition forbids it."""
    return StoreError(
        f"{url}: the store ignores If-None-Match, so a landed run could be overwritten; use a "
        "store that has conditional writes (AWS S3, MinIO, SeaweedFS, Ceph, R2 …), or set "
        f"{as_variable(GOOGLE)} if it is Google's, or else {as_variable(CHECK_FIRST)}, which is "
        "weaker (docs/s3.md); `newsbot doctor --store` tries them",
        (GOOGLE, CHECK_FIRST),
    )


def _sha256_stated(head: Any) -> str | None:
    """Return the SHA-256 in the object's metadata, under Amazon's or Google's name."""
    headers = head["ResponseMetadata"]["HTTPHeaders"]
    stated: str | None = head["Metadata"].get(_METADATA, headers.get(f"x-goog-meta-{_METADATA}"))
    return stated


def _size_of(response: Any) -> int:
    """Return the object's size, from a ranged GET's header (``bytes 0-4194303/20000000``)."""
    content_range = response.get("ContentRange")
    return int(content_range.rpartition("/")[2] if content_range else response["ContentLength"])
