"""Stores as they are sold: the error names the option, and the doctor finds it by trial."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from newsbot.archive.snapshots import list_runs
from newsbot.config import Config, load_config
from newsbot.doctor import Check
from newsbot.doctor.store_examination import examine_store
from newsbot.errors import FixityError, ObjectExists, StoreError, StoreUnavailable
from newsbot.files import sha256_of
from newsbot.landing.upload import LandingConflict, land
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import Store
from tests.servers import BUCKET, READER, S3Server
from tests.small_run import REF, manifest
from tests.stores.as_sold import (
    Sold,
    backblaze,
    google,
    never_deleting,
    of_listing_v1,
    old_minio,
    r2,
    refusing_all,
    slow_listing,
    sold,
    unchecking,
    without_condition,
)

B2 = {"checksum": "md5", "create_only": "check-first"}
NEEDS: list[tuple[Callable[[], Sold], dict[str, object]]] = [
    (backblaze, B2),
    (old_minio, {}),
    (google, {"signing": "google"}),
    (r2, {"region": "auto"}),
    (without_condition, {"create_only": "check-first"}),
    (of_listing_v1, {"listing": "v1"}),
    (slow_listing, {"page_size": 100}),
]
IDS = [make.__name__ for make, _ in NEEDS]


@pytest.fixture
def serve(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Sold], Sold]]:
    """Put a store of that kind where boto3 looks for one."""
    with ExitStack() as stack:

        def put(store: Sold) -> Sold:
            made = stack.enter_context(sold(store, s3.endpoint))
            monkeypatch.setenv("AWS_ENDPOINT_URL", made.endpoint)
            monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")  # none of R2's
            return made

        yield put


def config_for(prefix: str, **options: object) -> Config:
    named = {f"s3_{name}": value for name, value in options.items()}
    return load_config(store=f"s3://{BUCKET}/{prefix}", **named)


def opened(config: Config) -> Store:
    return open_store(config.store_url, config.s3)


@pytest.fixture
def prefix() -> str:
    return uuid.uuid4().hex


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


# -- the doctor ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "options"), NEEDS, ids=IDS)
def test_the_doctor_names_the_options_that_the_store_needs(
    serve: Callable[[Sold], Sold],
    prefix: str,
    make: Callable[[], Sold],
    options: dict[str, object],
) -> None:
    serve(make())
    found = by_name(list(examine_store(config_for(prefix))))
    assert list(opened(config_for(prefix, **options)).list("")) == [], "nothing is left"
    if not options:
        assert {check.verdict for check in found.values()} == {"good"}
        return
    lines = {
        f's3_{k} = "{v}"' if isinstance(v, str) else f"s3_{k} = {v}" for k, v in options.items()
    }
    assert set(found["options"].details) == lines
    assert found["options"].verdict == "wrong", "the store is not usable as it is configured"
    for name, value in options.items():
        assert f"NEWSBOT_S3_{name.upper()}={value}" in found["options"].text


def test_the_weaker_way_is_said_to_be(s3: S3Server, prefix: str) -> None:
    checks = by_name(list(examine_store(config_for(prefix, **B2))))
    assert {name for name, check in checks.items() if check.verdict != "good"} == {"create-only"}
    assert checks["create-only"].verdict == "note"


def test_a_sound_store_needs_nothing(s3: S3Server, prefix: str) -> None:
    checks = by_name(list(examine_store(config_for(prefix))))
    assert {check.verdict for check in checks.values()} == {"good"}
    assert list(checks) == [
        "reach", "create", "create-only", "checksum", "clock", "file", "ranges", "missing", "names",
        "listing", "removal",
    ]  # fmt: skip


def test_options_of_another_store_are_taken_back(s3: S3Server, prefix: str) -> None:
    found = by_name(list(examine_store(config_for(prefix, signing="google"))))
    assert found["options"].details == ('s3_signing = "aws"',)


def test_a_store_that_does_not_check_is_found(serve: Callable[[Sold], Sold], prefix: str) -> None:
    serve(unchecking())
    checks = by_name(list(examine_store(config_for(prefix))))
    assert {name for name, check in checks.items() if check.verdict != "good"} == {"checksum"}
    assert "does not check the SHA-256" in checks["checksum"].text
    assert list(opened(config_for(prefix)).list("")) == []


def test_a_folder_needs_nothing(tmp_path: Path) -> None:
    checks = by_name(list(examine_store(load_config(store=str(tmp_path)))))
    assert {check.verdict for check in checks.values()} == {"good"}
    assert {"create-only", "listing", "space", "case"} < set(checks)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    (check,) = examine_store(load_config(store=str(tmp_path / "new")))
    assert check.verdict == "good"
    assert "does not exist yet" in check.text
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_wrong(tmp_path: Path) -> None:
    config = load_config(store=str(tmp_path), spool_reserve="1000000TiB")
    assert by_name(list(examine_store(config)))["space"].verdict == "wrong"


def test_credentials_that_may_not_delete_are_no_fault(
    serve: Callable[[Sold], Sold], prefix: str
) -> None:
    serve(never_deleting(old_minio()))
    config = config_for(prefix)
    checks = by_name(list(examine_store(config)))
    assert {check.verdict for name, check in checks.items() if name != "removal"} == {"good"}
    assert checks["removal"].verdict == "note"
    assert "doctor-" in checks["removal"].text, "it says where something is left"
    assert all(info.name.startswith("doctor-") for info in opened(config).list(""))


def test_credentials_that_only_read_are_told(
    s3: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for(prefix)
    opened(config).put_new("a", b"bytes")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    checks = by_name(list(examine_store(config)))
    assert checks["create"].verdict == "wrong"
    assert "enough to list, download and verify, not to crawl" in checks["reading"].text
    assert "options" not in checks, "no option gives rights"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AWS_ACCESS_KEY_ID", "unknown", "check AWS_ACCESS_KEY_ID"),
        ("AWS_SECRET_ACCESS_KEY", "wrong", "check AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_wrong_credentials_are_not_cured_by_options(
    s3: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    checks = by_name(list(examine_store(config_for(prefix))))
    assert says in checks["reach"].text
    assert all(check.details == () for check in checks.values())


# -- what a crawl, a list or a verification says -------------------------------------------------


@pytest.mark.parametrize(
    ("make", "options", "says"),
    [
        (backblaze, {}, "NEWSBOT_S3_CHECKSUM=md5"),
        (backblaze, {"checksum": "md5"}, "NEWSBOT_S3_CREATE_ONLY=check-first"),
        (google, {}, "NEWSBOT_S3_SIGNING=google"),
        (r2, {}, "NEWSBOT_S3_REGION=auto"),
        (without_condition, {}, "NEWSBOT_S3_CREATE_ONLY=check-first"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_crawl_is_told_the_option(
    serve: Callable[[Sold], Sold],
    prefix: str,
    make: Callable[[], Sold],
    options: dict[str, object],
    says: str,
) -> None:
    serve(make())
    with pytest.raises(StoreError, match=says):
        check_store(opened(config_for(prefix, **options)), write=True)


def test_a_reader_is_told_the_option(
    serve: Callable[[Sold], Sold], prefix: str, s3: S3Server
) -> None:
    serve(backblaze())
    opened(config_for(prefix, **B2)).put_new("newsbot.json", b'{"layout": 1}\n')
    with pytest.raises(StoreError, match="NEWSBOT_S3_CHECKSUM=md5"):
        check_store(opened(config_for(prefix)), write=False)
    with pytest.raises(StoreError, match="NEWSBOT_S3_CHECKSUM=md5"):
        opened(config_for(prefix)).stat("newsbot.json")  # the answer to HEAD gives no reason


def test_a_listing_is_never_taken_for_whole_that_is_not(
    serve: Callable[[Sold], Sold], prefix: str
) -> None:
    serve(of_listing_v1())
    for name in ("a", "b", "c"):
        opened(config_for(prefix)).put_new(name, b"")
    with pytest.raises(StoreError, match="NEWSBOT_S3_LISTING=v1"):
        list(opened(config_for(prefix, page_size=2)).list(""))
    whole = opened(config_for(prefix, page_size=2, listing="v1"))
    assert sorted(info.name for info in whole.list("")) == ["a", "b", "c"]


def test_a_slow_listing_names_the_option(serve: Callable[[Sold], Sold], prefix: str) -> None:
    serve(slow_listing())
    with pytest.raises(StoreUnavailable, match="NEWSBOT_S3_PAGE_SIZE=100"):
        list(opened(config_for(prefix)).list(""))


def test_what_the_store_lacks_is_to_be_unset(serve: Callable[[Sold], Sold], prefix: str) -> None:
    serve(r2())
    config = config_for(prefix, region="auto", encryption="AES256")
    with pytest.raises(StoreError, match="unset NEWSBOT_S3_ENCRYPTION"):
        opened(config).put_new("a", b"bytes")
    checks = by_name(list(examine_store(config)))
    assert "unset NEWSBOT_S3_ENCRYPTION" in checks["create"].text
    assert "options" not in checks, "no other option would help"


def test_a_store_that_does_not_answer_names_the_time_out(
    serve: Callable[[Sold], Sold], prefix: str
) -> None:
    over = threading.Event()
    serve(Sold(lambda _request: over.wait()))
    store = opened(config_for(prefix, timeout=0.1))
    assert store._client.meta.config.read_timeout == 0.1  # type: ignore[attr-defined]
    try:
        with pytest.raises(StoreUnavailable, match="raise NEWSBOT_S3_TIMEOUT"):
            list(store.list(""))
    finally:
        over.set()


def test_a_refusal_that_no_option_cures_is_said_to_be(
    serve: Callable[[Sold], Sold], prefix: str
) -> None:
    serve(refusing_all())
    found = by_name(list(examine_store(config_for(prefix))))["options"]
    assert "no options of newsbot's make this store usable" in found.text


# -- landing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "options"),
    [one for one in NEEDS if one[0] in (backblaze, old_minio, google, without_condition)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_run_lands_and_another_manifest_is_never_overwritten(
    serve: Callable[[Sold], Sold],
    prefix: str,
    files: Path,
    make: Callable[[], Sold],
    options: dict[str, object],
) -> None:
    serve(make())
    store = opened(config_for(prefix, **options))
    check_store(store, write=True)
    land(files, store, manifest(), REF.prefix)
    assert list(list_runs(store)) == [REF]
    assert land(files, store, manifest(), REF.prefix).again
    before = store.get(REF.prefix + "manifest.json")
    (files / "manifest.json").unlink()
    with pytest.raises(LandingConflict, match="has another manifest"):
        land(files, store, manifest(outcome="failed"), REF.prefix)
    assert store.get(REF.prefix + "manifest.json") == before


def test_where_newsbot_looks_first_another_writer_is_noticed(
    s3: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process creates the object between the look and the PUT, or right after it."""
    store = opened(config_for(prefix, **B2))
    write = store._write  # type: ignore[attr-defined]

    def race(name: str, body: bytes, sha256: str) -> None:
        write(name, body, sha256)
        write(name, b"another's", sha256_of(b"another's"))

    monkeypatch.setattr(store, "_write", race)
    with pytest.raises(ObjectExists, match="created by another process just now"):
        store.put_new("m.json", b"ours")


def test_where_newsbot_looks_first_the_right_to_write_is_tried_without_a_change(
    s3: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for(prefix, **B2)
    opened(config).put_new("newsbot.json", b'{"layout": 1, "by": "another"}\n')
    check_store(opened(config), write=True)
    assert opened(config).get("newsbot.json") == b'{"layout": 1, "by": "another"}\n'
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    with pytest.raises(StoreError, match="do not allow it"):
        check_store(opened(config), write=True)


@pytest.mark.parametrize("options", [B2, {"signing": "google"}], ids=["md5", "google"])
def test_without_sha256_the_store_still_checks_what_arrives(
    serve: Callable[[Sold], Sold],
    prefix: str,
    tmp_path: Path,
    options: dict[str, object],
) -> None:
    proxy = serve(google() if "signing" in options else backblaze())
    store = opened(config_for(prefix, **options))
    path = tmp_path / "file"
    path.write_bytes(b"as it is")
    store.put_file("a", path, sha256_of(b"as it is"))
    (put,) = [request for request in proxy.requests if request.is_put]
    assert put.headers["content-md5"] == "csrmtki4rmgmSSmEL7AcdA=="
    assert store.stat("a").sha256 == sha256_of(b"as it is")
    with pytest.raises(FixityError, match="file: its SHA-256 is"):
        store.put_file("b", path, sha256_of(b"as it was"))


def test_a_wrong_secret_is_refused_under_googles_signature_too(
    serve: Callable[[Sold], Sold], prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(google())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreError, match="check AWS_SECRET_ACCESS_KEY"):
        list(opened(config_for(prefix, signing="google")).list(""))


def test_googles_signature_needs_credentials(
    serve: Callable[[Sold], Sold], prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(google())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(StoreError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        list(opened(config_for(prefix, signing="google")).list(""))


def test_the_defaults_send_what_they_always_did() -> None:
    assert S3Options().sends_sha256
    assert S3Options(checksum="sha256", signing="google").sends_sha256 is False
