"""S3, and what speaks like it, as a store; credentials and endpoint are boto3's own variables."""

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

from newsbot.archive.fixity import PIECE, size_and_sha256
from newsbot.archive.manifest import sha256_of
from newsbot.archive.s3errors import FOREIGN, code_of, our_error
from newsbot.archive.s3options import S3Options
from newsbot.archive.store import MARKER, ObjectInfo, checked_name, mark
from newsbot.errors import (
    ConfigError,
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)

_METADATA = "sha256"  # x-amz-meta-sha256, hex: for stores that drop the checksum headers


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
        """The store's own time, to the second: the Date of an answer."""
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
        """The whole object."""
        return b"".join(self.stream(name))

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """One ranged GET; fewer bytes where the object ends before."""
        if length <= 0:
            return b""
        return b"".join(self._read(name, f"bytes={offset}-{offset + length - 1}"))

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """One GET, in pieces of 1 MiB; nothing from behind the object's end."""
        return self._read(name, f"bytes={offset}-" if offset else None)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """All names that begin so, page by page."""
        for page in self._pages(prefix):
            for entry in page.get("Contents", []):
                name = entry["Key"].removeprefix(self._prefix)
                yield ObjectInfo(name, entry["Size"], None)

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

    def _read(self, name: str, asked: str | None) -> Iterator[bytes]:
        more: Any = {} if asked is None else {"Range": asked}
        with self._errors(name):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name), **more)
            except ClientError as error:
                if code_of(error) in ("InvalidRange", "416"):
                    return
                raise
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(PIECE)

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
