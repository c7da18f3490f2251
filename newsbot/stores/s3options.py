"""How objects are stored on S3: storage class, encryption, retention, addressing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Addressing = Literal["auto", "path", "virtual"]
Encryption = Literal["AES256", "aws:kms", "aws:kms:dsse"]
LockMode = Literal["GOVERNANCE", "COMPLIANCE"]


@dataclass(frozen=True, slots=True)
class S3Options:
    """What each object is stored with; None leaves it to the bucket's own settings."""

    addressing: Addressing = "auto"
    storage_class: str | None = None
    encryption: Encryption | None = None
    kms_key: str | None = None
    lock_mode: LockMode | None = None
    lock_days: int | None = None

    def put_arguments(self, now: datetime) -> dict[str, Any]:
        """Return the arguments of PutObject for an object stored at ``now`` (aware)."""
        arguments: dict[str, Any] = {
            "StorageClass": self.storage_class,
            "ServerSideEncryption": self.encryption,
            "SSEKMSKeyId": self.kms_key,
            "ObjectLockMode": self.lock_mode,
        }
        if self.lock_days is not None:
            arguments["ObjectLockRetainUntilDate"] = now + timedelta(days=self.lock_days)
        return {name: value for name, value in arguments.items() if value is not None}
