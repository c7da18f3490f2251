"""How newsbot speaks to an S3 store, and how objects are stored there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Addressing = Literal["auto", "path", "virtual"]
Signing = Literal["aws", "google"]
Checksum = Literal["sha256", "md5"]
CreateOnly = Literal["conditional", "check-first"]
Listing = Literal["v2", "v1"]
Encryption = Literal["AES256", "aws:kms", "aws:kms:dsse"]
LockMode = Literal["GOVERNANCE", "COMPLIANCE"]

Setting = tuple[str, object]
"""A field of S3Options and a value for it."""


@dataclass(frozen=True, slots=True)
class S3Options:
    """How newsbot speaks to the store, and what each object is stored with.

    None leaves it to boto3's own variables, or to the bucket's settings.

    Args:
        signing: ``google`` signs requests as Google Cloud Storage's own API wants it, which alone
            gives its conditional PUT.
        checksum: what the store verifies a PUT by. Some refuse the headers of SHA-256.
        create_only: who sees to it that no object is replaced: the store, by a conditional PUT; or
            newsbot, which looks first. The latter cannot exclude a writer at the same moment.
        listing: the version of ListObjects.
        page_size: names in one response to a listing; at most 1,000, the default of S3.
        timeout: seconds without a byte after which a request is given up.
    """

    region: str | None = None
    addressing: Addressing = "auto"
    signing: Signing = "aws"
    checksum: Checksum = "sha256"
    create_only: CreateOnly = "conditional"
    listing: Listing = "v2"
    page_size: int | None = None
    timeout: float = 60.0
    storage_class: str | None = None
    encryption: Encryption | None = None
    kms_key: str | None = None
    lock_mode: LockMode | None = None
    lock_days: int | None = None

    @property
    def sends_sha256(self) -> bool:
        """Whether the headers of SHA-256 checksums are sent; Google's API does not have them."""
        return self.checksum == "sha256" and self.signing == "aws"

    def put_arguments(self, now: datetime) -> dict[str, Any]:
        """Return the arguments of PutObject for an object stored at ``now`` (aware)."""
        arguments: dict[str, Any] = {
            "IfNoneMatch": "*" if self.create_only == "conditional" else None,
            "StorageClass": self.storage_class,
            "ServerSideEncryption": self.encryption,
            "SSEKMSKeyId": self.kms_key,
            "ObjectLockMode": self.lock_mode,
        }
        if self.lock_days is not None:
            arguments["ObjectLockRetainUntilDate"] = now + timedelta(days=self.lock_days)
        return {name: value for name, value in arguments.items() if value is not None}

    def lacks(self, setting: Setting) -> bool:
        """Return whether the setting would change anything."""
        name, value = setting
        return bool(getattr(self, name) != value)


def as_variable(setting: Setting) -> str:
    """Return how the environment has the setting: ``NEWSBOT_S3_CHECKSUM=md5``."""
    name, value = setting
    return f"NEWSBOT_S3_{name.upper()}={value}"


def as_toml(setting: Setting) -> str:
    """Return the setting's line in newsbot.toml: ``s3_checksum = "md5"``."""
    name, value = setting
    return f"s3_{name} = {value}" if isinstance(value, int) else f's3_{name} = "{value}"'


def as_alternatives(settings: Iterable[Setting]) -> str:
    """Return the settings as a message names them, the first choice first."""
    return " or ".join(as_variable(setting) for setting in settings)
