"""Keep invented runs and real ones in different stores.

A synthetic crawl (the demo's) has invented stories under real addresses. The store that it lands
in is marked so in ``newsbot.json``, and no other crawl lands there.
"""

import json

from newsbot.archive.snapshots import Snapshot, find_runs, read_runs
from newsbot.errors import ConfigError, ObjectExists, ObjectMissing
from newsbot.layout import LAYOUT
from newsbot.stores.store import MARKER, Store


def claim_store(store: Store, *, synthetic: bool) -> None:
    """Check that runs of this kind may land in the store; mark a new one if they are synthetic.

    Call it before ``check_store``, which marks a new store as one of real runs.

    Raises:
        ConfigError: the store holds, or is marked for, runs of the other kind.
        StoreError: it cannot be read or written.
    """
    if synthetic:
        _mark_synthetic(store)
    found = _is_synthetic(store)
    if found and not synthetic:
        raise ConfigError(
            f"{store.url} holds invented stories (of `newsbot demo`): choose another NEWSBOT_STORE "
            "for real ones"
        )
    if synthetic and not found:
        raise ConfigError(
            f"{store.url} is not a store of invented stories: choose an empty one for them"
        )


def _mark_synthetic(store: Store) -> None:
    """Mark the store as synthetic, if it is new."""
    if next(find_runs(store), None) is not None:
        return
    marker = {"layout": LAYOUT, "synthetic": True}
    try:
        store.put_new(MARKER, json.dumps(marker).encode() + b"\n")
    except ObjectExists:
        return  # a marker of either kind exists


def _is_synthetic(store: Store) -> bool:
    try:
        marker = json.loads(store.get(MARKER))
    except ObjectMissing:
        return _is_copy_of_synthetic(store)
    except ValueError:
        return False  # damaged: check_store reports it
    return isinstance(marker, dict) and marker.get("synthetic") is True


def _is_copy_of_synthetic(store: Store) -> bool:
    """Judge a store without a marker, such as a downloaded copy, by the first of its runs."""
    found = read_runs(store, find_runs(store))
    first = next((run for run in found if isinstance(run, Snapshot)), None)
    return first is not None and first.manifest.synthetic
