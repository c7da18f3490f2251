"""Faults of a real S3 server's network while a run lands."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsbot.archive.snapshots import list_runs, read_run
from newsbot.errors import StoreError, StoreUnavailable
from newsbot.landing.upload import land
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store
from tests.faulty import FaultyS3, faulty_s3
from tests.servers import S3Server
from tests.small_run import REF, manifest


@pytest.fixture
def proxy(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    with faulty_s3(s3.endpoint) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.endpoint)
        yield made


@pytest.fixture
def store(proxy: FaultyS3) -> Store:
    opened = open_store(f"s3://newsbot/{uuid.uuid4().hex}")
    check_store(opened, write=True)
    return opened


def test_slow_down_for_a_while_in_the_middle_is_waited_for(
    proxy: FaultyS3, store: Store, files: Path
) -> None:
    proxy.fault = lambda _method, path: (503, "SlowDown") if path.endswith(".warc.gz") else None
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            proxy.well()

    land(files, store, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=wait))
    assert len(waited) == 2
    assert len(proxy.faults) >= 4, "boto3 itself tries a few times too"
    assert list(list_runs(store)) == [REF]
    assert "warc/NEWSBOT-a.warc.gz" in {entry.name for entry in read_run(store, REF).manifest.files}


def test_slow_down_for_longer_keeps_all_and_lands_nothing(
    proxy: FaultyS3, store: Store, files: Path
) -> None:
    proxy.fault = lambda _method, path: (503, "SlowDown") if path.endswith(".warc.gz") else None
    retry_policy = RetryPolicy(attempts=2, wait=lambda _seconds: None)
    with pytest.raises(StoreUnavailable, match=r"\(SlowDown\): the store asks for fewer requests"):
        land(files, store, manifest(), REF.prefix, retry_policy=retry_policy)
    assert (files / "warc" / "NEWSBOT-a.warc.gz").exists()
    assert list(list_runs(store)) == []
    proxy.well()
    land(files, store, manifest(), REF.prefix)
    assert list(list_runs(store)) == [REF]


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (400, "ExpiredToken", "renew them"),
        (403, "InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID"),
        (403, "RequestTimeTooSkewed", "this machine's clock is wrong: set it"),
    ],
)
def test_what_only_a_person_can_mend_is_said_at_once_and_nothing_is_lost(
    proxy: FaultyS3, store: Store, files: Path, status: int, code: str, says: str
) -> None:
    waited: list[float] = []
    proxy.fault = lambda method, _path: (status, code) if method in ("PUT", "GET") else None
    with pytest.raises(StoreError, match=says) as caught:
        land(files, store, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=waited.append))
    assert not isinstance(caught.value, StoreUnavailable)
    assert waited == []
    proxy.well()
    assert list(list_runs(store)) == []
    land(files, store, manifest(), REF.prefix)
    assert list(list_runs(store)) == [REF]


def test_a_refusal_without_a_reason_names_what_it_may_be(proxy: FaultyS3, store: Store) -> None:
    """S3 answers HEAD without a body: not even the error's name comes."""
    store.put_new("a", b"bytes")
    proxy.fault = lambda _method, _path: (403, "RequestTimeTooSkewed")
    with pytest.raises(StoreError, match=r"do not allow it.*have expired.*clock is wrong"):
        store.stat("a")
