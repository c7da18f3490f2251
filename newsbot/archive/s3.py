"""S3, and what speaks like it, as a store; credentials and endpoint are boto3's own variables."""

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

from newsbot.archive.store import ObjectInfo, checked_name
from newsbot.errors import (
    ConfigError,
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)

_PIECE = 1024 * 1024
_METADATA = "sha256"  # x-amz-meta-sha256, hex: for stores that drop the checksum headers
_REMEDIES = {
    "NoSuchBucket": "there is no such bucket: make it, or mend NEWSBOT_STORE",
    "InvalidAccessKeyId": "the access key is unknown there: check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key is wrong: check AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "the credentials have expired: renew them",
    "AccessDenied": "these credentials may not do that: docs/operating.md has the policy needed",
    "Forbidden": "these credentials may not do that: docs/operating.md has the policy needed",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
    "SlowDown": "the store asks for less: it is tried again later",
    "ServiceUnavailable": "the store is overloaded: it is tried again later",
    "InternalError": "the store has a fault of its own: it is tried again later",
    "NotImplemented": "the store lacks what newsbot needs (conditional PutObject, checksums)",
}
_TEMPORARY = {
    "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling",
    "500", "502", "503", "504",
}  # fmt: skip
_BY_STATUS = {"403": "Forbidden", "404": "NoSuchKey", "412": "PreconditionFailed"}


class S3Store:
    """Implements Store on a bucket, below a prefix.

    One PUT a file, with its SHA-256 in the checksum header (checked by the store) and in the
    object's metadata; created, never replaced (``If-None-Match: *``).
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        config = BotoConfig(
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 3},
            user_agent_extra="newsbot",
        )
        try:
            self._client = boto3.session.Session().client("s3", config=config)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(f"{self.url}: {error}; check boto3's variables and files") from error

    def reach(self, *, write: bool) -> None:
        """List one name; for writing, also try a put that must fail on its condition."""
        with self._errors(""):
            self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        if write:
            self._probe_conditional_put()

    def put_file(self, name: str, path: Path, sha256: str) -> None:
        """One PUT with the checksum; what another put there first is compared."""
        try:
            with path.open("rb") as file:
                self._put(name, file, sha256)
        except ObjectExists:
            there = self.stat(name)
            if there.sha256 != sha256 or there.size != path.stat().st_size:
                raise

    def put_new(self, name: str, data: bytes) -> None:
        """One PUT that succeeds only if the name is free."""
        from newsbot.archive.manifest import sha256_of

        self._put(name, data, sha256_of(data))

    def stat(self, name: str) -> ObjectInfo:
        """HEAD, with the checksum that the store computed; else the one in the metadata."""
        with self._errors(name):
            head = self._client.head_object(
                Bucket=self._bucket, Key=self._key(name), ChecksumMode="ENABLED"
            )
        checksum = head.get("ChecksumSHA256")
        sha256 = base64.b64decode(checksum).hex() if checksum else head["Metadata"].get(_METADATA)
        return ObjectInfo(name, head["ContentLength"], sha256)

    def get(self, name: str) -> bytes:
        """The whole object."""
        return b"".join(self.stream(name))

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        """One ranged GET."""
        asked = f"bytes={offset}-{offset + length - 1}"
        with self._errors(name):
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name), Range=asked)
            return bytes(answer["Body"].read())

    def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
        """One GET, in pieces of 1 MiB."""
        asked: Any = {"Range": f"bytes={offset}-"} if offset else {}
        with self._errors(name):
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name), **asked)
            with closing(answer["Body"]) as body:
                yield from body.iter_chunks(_PIECE)

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
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._key(name),
                Body=body,
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode("ascii"),
                Metadata={_METADATA: sha256},
                IfNoneMatch="*",
            )

    def _probe_conditional_put(self) -> None:
        """See that the store honours If-None-Match: the marker put again must be refused."""
        from newsbot.archive.store import MARKER, mark

        mark(self)
        try:
            self.put_new(MARKER, self.get(MARKER))
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
        where = f"{self.url}/{name}" if name else self.url
        try:
            yield
        except ClientError as error:
            raise _client_error(where, error) from error
        except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
            raise StoreError(
                f"{where}: {error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            ) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise StoreUnavailable(
                f"{where}: cannot be reached: {error}; is AWS_ENDPOINT_URL right and the store up?"
            ) from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{where}: {error}; it is tried again later") from error


def _client_error(where: str, error: ClientError) -> StoreError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    name = _BY_STATUS.get(code, code)
    if name in ("NoSuchKey", "NotFound"):
        return ObjectMissing(f"{where}: no such object in the store")
    if name in ("PreconditionFailed", "ConditionalRequestConflict") or status == "412":
        return ObjectExists(f"{where}: there already")
    if name in ("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"):
        return FixityError(f"{where}: the bytes changed on the way; it is tried again later")
    message = error.response.get("Error", {}).get("Message") or code
    remedy = _REMEDIES.get(name, "the store's own log may say more")
    kind = StoreUnavailable if {name, status} & _TEMPORARY else StoreError
    return kind(f"{where}: {message} ({code}): {remedy}")
