"""One suite for both stores; the S3 half runs against a real server."""

import errno
import fcntl
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.errors import (
    ConfigError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from tests.servers import S3Server, free_ports


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_a_file_is_stored_whole_with_its_checksum(store: Store, file: Path) -> None:
    digest = sha256(file.read_bytes())
    store.put_file("a/b/c.gz", file, digest)
    info = store.stat("a/b/c.gz")
    assert (info.size, info.sha256) == (3_000_000, digest)
    assert store.get("a/b/c.gz") == file.read_bytes()
    assert store.get_range("a/b/c.gz", 1000, 50) == file.read_bytes()[1000:1050]
    assert b"".join(store.stream("a/b/c.gz", 2_999_000)) == file.read_bytes()[2_999_000:]


@pytest.mark.parametrize("offset", [0, 1, 8 * 1024**2, 19_999_999])
def test_a_large_file_streams_in_order_from_anywhere(
    store: Store, tmp_path: Path, offset: int
) -> None:
    """20 MB are several ranges of S3."""
    path = tmp_path / "large"
    path.write_bytes(os.urandom(20_000_000))
    whole = path.read_bytes()
    store.put_file("large", path, sha256(whole))
    assert b"".join(store.stream("large", offset)) == whole[offset:]
    pieces = store.stream("large")
    assert whole.startswith(next(pieces))
    pieces.close()  # type: ignore[attr-defined]


def test_an_empty_file_is_a_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    store.put_file("empty", tmp_path / "empty", sha256(b""))
    assert store.stat("empty").size == 0
    assert store.get("empty") == b""
    assert list(filter(None, store.stream("empty"))) == []


def test_the_same_file_again_is_success_and_another_is_refused(store: Store, file: Path) -> None:
    digest = sha256(file.read_bytes())
    store.put_file("x", file, digest)
    store.put_file("x", file, digest)
    other = file.with_name("other")
    other.write_bytes(b"other bytes")
    with pytest.raises(ObjectExists):
        store.put_file("x", other, sha256(b"other bytes"))
    assert store.stat("x").sha256 == digest


def test_a_file_that_changed_since_its_sum_was_taken_is_not_stored(
    store: Store, file: Path
) -> None:
    with pytest.raises(StoreError):
        store.put_file("x", file, sha256(b"what it was before"))
    with pytest.raises(ObjectMissing):
        store.stat("x")


def test_create_only(store: Store) -> None:
    store.put_new("m.json", b"one")
    with pytest.raises(ObjectExists):
        store.put_new("m.json", b"two")
    with pytest.raises(ObjectExists):
        store.put_new("m.json", b"one")
    assert store.get("m.json") == b"one"


def test_what_is_not_there(store: Store) -> None:
    for ask in (store.stat, store.get):
        with pytest.raises(ObjectMissing, match="nowhere"):
            ask("nowhere")
    with pytest.raises(ObjectMissing):
        store.get_range("nowhere", 0, 1)
    with pytest.raises(ObjectMissing):
        list(store.stream("nowhere"))
    assert list(store.list("nowhere/")) == []
    assert list(store.folders("nowhere/")) == []


def test_a_file_that_is_not_there_cannot_be_stored(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone\.gz: No such file.*cannot be read") as caught:
        store.put_file("x", tmp_path / "gone.gz", sha256(b""))
    assert not isinstance(caught.value, ObjectMissing)


def test_ranges_end_where_the_object_ends(store: Store) -> None:
    store.put_new("x", b"0123456789")
    assert store.get_range("x", 8, 10) == b"89"
    assert store.get_range("x", 10, 10) == b""
    assert store.get_range("x", 3, 0) == b""
    assert list(store.stream("x", 10)) == []


def test_listing(store: Store) -> None:
    for name in ("s/2025-01-01/a/1", "s/2025-01-01/b/1", "s/2025-01-02/a/1", "s/top"):
        store.put_new(name, name.encode())
    assert [info.name for info in store.list("s/2025-01-01/")] == [
        "s/2025-01-01/a/1",
        "s/2025-01-01/b/1",
    ]
    assert list(store.folders("s/")) == ["s/2025-01-01/", "s/2025-01-02/"]
    assert list(store.folders("s/2025-01-01/")) == ["s/2025-01-01/a/", "s/2025-01-01/b/"]
    assert next(store.list("s/top")).size == len("s/top")


@pytest.mark.slow
def test_a_listing_of_more_than_a_page(store: Store) -> None:
    names = [f"many/{number:04d}" for number in range(1010)]
    for name in names:
        store.put_new(name, b"x")
    assert [info.name for info in store.list("many/")] == names


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up", "a/../../b", "a//b", "", ".hidden", "a\nb"]
)
def test_names_that_are_not_ours_are_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="not a name"):
        store.put_new(name, b"x")
    with pytest.raises(StoreError, match="not a name"):
        store.get(name)


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    (tmp_path / "newsbot.json").write_text('{"layout": 99}')
    with pytest.raises(StoreError, match=r"its layout is 99.*upgrade newsbot"):
        check_store(store, write=False)


@pytest.mark.parametrize("marker", [b"[1]", b"", b"{}", b"\xff"])
def test_a_damaged_marker_is_named(tmp_path: Path, marker: bytes) -> None:
    (tmp_path / "newsbot.json").write_bytes(marker)
    with pytest.raises(StoreError, match=r"newsbot\.json is damaged"):
        check_store(open_store(str(tmp_path)), write=True)


def test_the_marker_is_written_once(store: Store) -> None:
    check_store(store, write=True)
    assert store.get("newsbot.json") == b'{"layout": 1}\n'


# -- what users do wrong, and what the world does --------------------------------------------------


def test_not_a_store() -> None:
    with pytest.raises(ConfigError, match="use a folder or s3://bucket/prefix"):
        open_store("ftp://x/y")
    with pytest.raises(ConfigError, match="use a folder or s3://bucket/prefix"):
        open_store("s3://")


def test_a_folder_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="or is NEWSBOT_STORE wrong"):
        check_store(open_store(str(tmp_path / "no")), write=False)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        check_store(open_store(str(tmp_path / "file")), write=True)


def test_wrong_secret(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreError, match="check AWS_SECRET_ACCESS_KEY"):
        check_store(open_store("s3://newsbot/x"), write=True)


def test_unknown_key(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "unknown")
    with pytest.raises(StoreError, match="check AWS_ACCESS_KEY_ID"):
        check_store(open_store("s3://newsbot/x"), write=True)


def test_no_credentials(s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(StoreError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        check_store(open_store("s3://newsbot/x"), write=True)


def test_no_such_bucket(s3: S3Server) -> None:
    with pytest.raises(StoreError, match="there is no such bucket"):
        check_store(open_store("s3://nobucket/x"), write=True)


def test_nobody_there(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    with pytest.raises(StoreUnavailable, match="is AWS_ENDPOINT_URL right"):
        check_store(open_store("s3://newsbot/x"), write=True)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    """A file size limit stands in for the full disk: the same failing write, without a mount."""
    script = """
import resource, signal, sys
from pathlib import Path
from newsbot.stores.opening import open_store
from newsbot.errors import StoreError
import hashlib
root = Path(sys.argv[1])
source = root / "big"
source.write_bytes(b"x" * 2_000_000)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    open_store(str(root / "s")).put_file("a", source, hashlib.sha256(b"x" * 2_000_000).hexdigest())
except StoreError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "File too large" in done.stdout
    assert [path.name for path in (tmp_path / "s").iterdir()] == []


def test_a_disk_that_is_full_says_so(tmp_path: Path) -> None:
    """A real full disk of 1 MiB, where the system lets its user mount one."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no user namespaces, so no small disk can be mounted")
    script = """
import sys
from pathlib import Path
from newsbot.stores.opening import check_store, open_store
from newsbot.errors import StoreError
import hashlib
root = Path(sys.argv[1])
source = root / "big"
source.write_bytes(b"x" * 2_000_000)
store = open_store(str(root / "disk"))
check_store(store, write=True)
try:
    store.put_file("a", source, hashlib.sha256(source.read_bytes()).hexdigest())
except StoreError as error:
    print(error)
print(sorted(path.name for path in (root / "disk").iterdir()))
"""
    (tmp_path / "disk").mkdir()
    mounted = f'mount -t tmpfs -o size=1m none "$0/disk" && exec {sys.executable} -c "$1" "$0"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mounted, str(tmp_path), script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "No space left on device: the disk is full: make room" in done.stdout
    assert done.stdout.endswith("['newsbot.json']\n")


def test_what_a_killed_process_left_is_cleared_away_but_not_what_one_is_writing(
    tmp_path: Path, file: Path
) -> None:
    script = """
import hashlib, os, sys
from pathlib import Path
from newsbot.stores.opening import open_store
os.link = lambda *_: os._exit(9)  # dies with all bytes written and nothing in place
store, source = open_store(sys.argv[1]), Path(sys.argv[2])
store.put_file("warc/a", source, hashlib.sha256(source.read_bytes()).hexdigest())
"""
    root = tmp_path / "s"
    died = subprocess.run([sys.executable, "-c", script, str(root), str(file)], check=False)
    assert died.returncode == 9
    (left,) = (root / "warc").iterdir()
    alive = root / "warc" / ".b.1234.partial"
    with alive.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for path in (left, alive):
            os.utime(path, (0, 0))
        store = open_store(str(root))
        assert list(store.list("")) == []
        store.put_file("warc/a", file, sha256(file.read_bytes()))
        assert sorted(path.name for path in (root / "warc").iterdir()) == [alive.name, "a"]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "the disk is full: make room"),
        (errno.EACCES, "give the user that runs newsbot permission"),
        (errno.EROFS, "mounted read-only"),
        (errno.EIO, "the disk reports errors"),
        (errno.EPERM, "newsbot needs hard links"),
        (errno.ESTALE, "newsbot tries again later"),
        (errno.EBADF, "check the folder and its disk"),
    ],
)
def test_each_error_of_the_system_has_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: str
) -> None:
    store = open_store(str(tmp_path))

    def fail(*_args: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(StoreError, match=says) as caught:
        store.put_new("a", b"x")
    assert isinstance(caught.value.__cause__, OSError)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_its_clock_is_a_time_with_a_zone(store: Store) -> None:
    """Both are on this machine; S3 gives whole seconds."""
    before = datetime.now(UTC)
    there = store.clock()
    assert before - timedelta(seconds=2) <= there <= datetime.now(UTC) + timedelta(seconds=1)
