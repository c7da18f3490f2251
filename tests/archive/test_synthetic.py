"""Invented runs and real ones never land in one store."""

import uuid
from pathlib import Path

import pytest

from newsbot.archive.manifest import Manifest
from newsbot.archive.synthetic import claim_store
from newsbot.errors import ConfigError
from newsbot.layout import MANIFEST
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from tests.small_run import REF, manifest


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A new store, not marked yet."""
    if request.param == "folder":
        return open_store(str(tmp_path / "store"))
    request.getfixturevalue("s3")
    return open_store(f"s3://newsbot/{uuid.uuid4().hex}")


def claim(store: Store, *, synthetic: bool) -> None:
    claim_store(store, synthetic=synthetic)
    check_store(store, write=True)


def test_a_store_stays_of_one_kind(store: Store) -> None:
    claim(store, synthetic=True)
    assert store.get("newsbot.json") == b'{"layout": 1, "synthetic": true}\n'
    claim(store, synthetic=True)
    with pytest.raises(ConfigError, match="holds invented stories"):
        claim(store, synthetic=False)
    check_store(store, write=False)  # what reads stores takes both


def test_a_store_of_real_runs_takes_no_invented_ones(store: Store) -> None:
    claim(store, synthetic=False)
    assert store.get("newsbot.json") == b'{"layout": 1}\n'
    claim(store, synthetic=False)
    with pytest.raises(ConfigError, match="not a store of invented stories"):
        claim(store, synthetic=True)


@pytest.mark.parametrize("synthetic", [True, False])
def test_runs_without_a_marker_are_of_the_kind_that_their_manifests_say(
    tmp_path: Path, synthetic: bool
) -> None:
    copy = open_store(str(tmp_path))
    copy.put_new(f"{REF.prefix}{MANIFEST}", manifest(synthetic=synthetic).to_bytes())
    with pytest.raises(ConfigError):
        claim(copy, synthetic=not synthetic)
    assert not (tmp_path / "newsbot.json").exists()


def test_only_the_manifest_of_an_invented_run_says_so() -> None:
    real, invented = manifest(), manifest(synthetic=True)
    assert b"synthetic" not in real.to_bytes()
    assert b'"synthetic": true' in invented.to_bytes()
    for one in (real, invented):
        assert Manifest.from_bytes(one.to_bytes()) == one
