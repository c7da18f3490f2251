"""S3, and what speaks like it, as a store; credentials and endpoint are boto3's own variables."""

import base64
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

from newsbot.errors import (
    ConfigError,
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.files import PIECE, sha256_of, size_and_sha256
from newsbot.stores.parallel import in_order
from newsbot.stores.s3errors import FOREIGN, code_of, our_error
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import MARKER, ObjectInfo, checked_name, mark

_MD5 = re.compile('"?([0-9a-f]{32})"?')
_METADATA = "sha256"  # x-amz-meta-sha256, hex: for stores that drop the checksum headers
_PART = 4 * 1024 * 1024  # bytes of one ranged GET of an object that is streamed
_AT_ONCE = 4  # parts of one object under way: far away, a connection gives only so much


class S3Store:
    """Implements Store on a bucket, below a prefix.

    One PUT a file, with its SHA-256 in the checksum header (checked by the store) and in the
    object's metadata; created, never replaced (``If-None-Match: *``).
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options = S3Options()) -> None:  # noqa: B008 - frozen
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._options = options
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        config = BotoConfig(
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 3},
            user_agent_extra="newsbot",
            max_pool_connections=4 * _AT_ONCE,  # a download has four files under way
            # What is streamed is summed by its reader, who has the manifest's SHA-256; to sum it
            # here too took a third of a download's speed.
            response_checksum_validation="when_required",
            s3={
                "addressing_style": options.addressing,
                # A put's SHA-256 is a signed header of its own, which the store checks: without
                # http's second pass over the file it takes a third of the CPU time.
                "payload_signing_enabled": False,
            },
        )
        try:
            self._client = boto3.session.Session().client("s3", config=config)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"{self.url}: {error}; check boto3's variables and files") from error

    def reach(self, *, write: bool) -> None:
        """List one name; for writing, also try a put that must fail on its condition.

        The put is tried at every start, not only on a new store: it costs two requests, and shows
        credentials that may only read and a store (or a gateway before it) that has come to ignore
        the condition. It offers the marker's own bytes, so it cannot change anything.
        """
        try:
            with self._errors(""):
                self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except ObjectMissing as error:  # S3 says NoSuchBucket, and nothing else is looked for
            raise StoreError(
                f"{self.url}: not found, and that is not how S3 answers: is AWS_ENDPOINT_URL the "
                "S3 port, not a console or a proxy?"
            ) from error
        if write:
            self._probe_conditional_put()

    def clock(self) -> datetime:
        """Return the store's own time, to the second: the Date of an answer."""
        with self._errors(""):
            answer = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1
            )
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """One PUT with the checksum; what another put there first is compared."""
        try:
            with path.open("rb") as file:
                self._put(name, file, sha256)
        except OSError as error:
            raise StoreError(
                f"{path}: {error.strerror}: it cannot be read; look at the disk"
            ) from error
        except ObjectExists:
            there = self.stat(name)
            if there.sha256 != sha256:
                raise
        except FixityError as error:
            _, now = size_and_sha256(path)
            if now != sha256:
                raise FixityError(f"{path}: its SHA-256 is {now}, not {sha256}") from error
            raise StoreUnavailable(str(error)) from error

    def put_new(self, name: str, data: bytes) -> None:
        """One PUT that succeeds only if the name is free."""
        self._put(name, data, sha256_of(data))

    def stat(self, name: str) -> ObjectInfo:
        """HEAD, with the checksum that the store computed; else the one in the metadata."""
        with self._errors(name):
            head = self._client.head_object(
                Bucket=self._bucket, Key=self._key(name), ChecksumMode="ENABLED"
            )
        checksum = head.get("ChecksumSHA256")
        is_whole = checksum and "-" not in checksum  # with a dash: of a multipart upload's parts
        sha256 = base64.b64decode(checksum).hex() if is_whole else head["Metadata"].get(_METADATA)
        return ObjectInfo(name, head["ContentLength"], sha256)

    def get(self, name: str) -> bytes:
        """Return the whole object, checked against the checksum that the store has of it."""
        with self._errors(name):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._key(name), ChecksumMode="ENABLED"
            )
        return self._body(name, answer)

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """Return one ranged GET; fewer bytes where the object ends before."""
        return self._ranged(name, offset, length) if length > 0 else b""

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """Ranged GETs, a few at once, in pieces of 4 MiB; nothing from behind the object's end."""
        first = self._open_range(name, offset, _PART)
        if first is None:
            return

        def read(start: int, halted: Event) -> bytes:
            if start == offset:
                return self._body(name, first, halted)
            return self._ranged(name, start, _PART, halted)

        yield from in_order(read, range(offset, _end_of(first), _PART), _AT_ONCE)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """All names that begin so, page by page; an ETag is mostly the MD5 of what one PUT sent."""
        for page in self._pages(prefix):
            for entry in page.get("Contents", []):
                name = entry["Key"].removeprefix(self._prefix)
                tag = _MD5.fullmatch(entry.get("ETag", ""))
                yield ObjectInfo(name, entry["Size"], None, tag and tag[1])

    def folders(self, prefix: str) -> Iterator[str]:
        """Common prefixes below the prefix."""
        for page in self._pages(prefix, Delimiter="/"):
            for entry in page.get("CommonPrefixes", []):
                yield entry["Prefix"].removeprefix(self._prefix)

    def _pages(self, prefix: str, **more: Any) -> Iterator[Any]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix, **more
        )
        with self._errors(prefix):
            yield from pages

    def _put(self, name: str, body: Any, sha256: str) -> None:
        with self._errors(name):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=body,
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode("ascii"),
                Metadata={_METADATA: sha256},
                IfNoneMatch="*",
                **self._options.of_put(datetime.now(UTC)),
            )
        if self._options.encryption and not answer.get("ServerSideEncryption"):
            raise StoreError(
                f"{self.url}/{name}: stored, but not encrypted as NEWSBOT_S3_ENCRYPTION asks: the "
                "store ignores it; use one that does not, or unset it"
            )

    def _ranged(self, name: str, offset: int, length: int, halted: Event | None = None) -> bytes:
        answer = self._open_range(name, offset, length)
        return b"" if answer is None else self._body(name, answer, halted)

    def _open_range(self, name: str, offset: int, length: int) -> Any:
        """The answer to a ranged GET, its body not yet read; None if the object ends before."""
        asked = f"bytes={offset}-{offset + length - 1}"
        with self._errors(name):
            try:
                return self._client.get_object(
                    Bucket=self._bucket, Key=self._key(name), Range=asked
                )
            except ClientError as error:
                if code_of(error) in ("InvalidRange", "416"):
                    return None
                raise

    def _body(self, name: str, answer: Any, halted: Event | None = None) -> bytes:
        """Return the body of an answer; less of it if it is halted."""
        with self._errors(name), closing(answer["Body"]) as body:
            pieces = body.iter_chunks(PIECE)
            return b"".join(takewhile(lambda _: halted is None or not halted.is_set(), pieces))

    def _probe_conditional_put(self) -> None:
        """See that the store honours If-None-Match: the marker put again must be refused."""
        try:
            there = self.get(MARKER)
        except ObjectMissing:
            mark(self)
            there = self.get(MARKER)
        try:
            self.put_new(MARKER, there)
        except ObjectExists:
            return
        raise StoreError(
            f"{self.url}: the store ignores If-None-Match, so a landed run could be overwritten; "
            "use a store that has conditional writes (AWS S3, MinIO, SeaweedFS, Ceph …)"
        )

    def _key(self, name: str) -> str:
        return self._prefix + checked_name(name)

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except FOREIGN as error:
            raise our_error(f"{self.url}/{name}" if name else self.url, error) from error


def _end_of(answer: Any) -> int:
    """Where the object ends, from the answer to a ranged GET ("bytes 0-4194303/20000000")."""
    asked = answer.get("ContentRange")
    return int(asked.rpartition("/")[2] if asked else answer["ContentLength"])
