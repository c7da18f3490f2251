"""Opening a store by its URL, and checking that it can be used."""

import json
from pathlib import Path

from newsbot.errors import ConfigError, ObjectMissing, StoreError
from newsbot.layout import LAYOUT
from newsbot.stores.folder import FolderStore
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import MARKER, Store, write_marker


def open_store(url: str, options: S3Options = S3Options()) -> Store:  # noqa: B008 - frozen
    """Return the store at ``s3://bucket/prefix`` or in a folder, without contacting it yet.

    Args:
        options: how objects are stored on S3; not used for a folder.

    Raises:
        ConfigError: not the URL of a store, or an option cannot be used.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return FolderStore(Path(url))
    if scheme == "s3" and rest.strip("/"):
        from newsbot.stores.s3 import S3Store  # noqa: PLC0415 - boto3 takes 0.3 s

        bucket, _, prefix = rest.partition("/")
        return S3Store(bucket, prefix.strip("/"), options)
    raise ConfigError(f"NEWSBOT_STORE: {url!r} is not a store; use a folder or s3://bucket/prefix")


def check_store(store: Store, *, write: bool) -> None:
    """Check that the store can be used; write the layout marker of a new one.

    Raises:
        StoreError: it cannot be reached, read or (if asked) written, or its layout is newer.
    """
    store.reach(write=write)
    try:
        data = store.get(MARKER)
    except ObjectMissing:
        if write:
            write_marker(store)
        return
    layout = _layout_of(data)
    if layout is None:
        raise StoreError(f"{store.url}: {MARKER} is damaged; restore it from a copy")
    if layout != LAYOUT:
        raise StoreError(
            f"{store.url}: its layout is {layout!r}, this newsbot knows {LAYOUT}; upgrade newsbot"
        )


def _layout_of(marker: bytes) -> object:
    try:
        fields = json.loads(marker)
    except ValueError:
        return None
    return fields.get("layout") if isinstance(fields, dict) else None
