"""Writing that fails or meets another: a full disk cuts an exchange off whole; files are whole."""

import errno
import os
from pathlib import Path

import pytest

from newsbot.errors import CaptureError
from newsbot.files import durable_file
from newsbot.warc import files as warcfile
from newsbot.warc.check import WarcCheck
from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter
from tests.capture.conftest import read_records


class _Transport:
    def getPeer(self) -> object:  # noqa: N802 - Twisted's name
        return type("Peer", (), {"host": "127.0.0.1"})()


def exchange(number: int) -> Exchange:
    made = Exchange(f"http://x.example/{number}", "GET")
    made.begin(_Transport())
    made.request += b"GET / HTTP/1.1\r\n\r\n"
    made.take(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npage %d" % number)
    made.finish(0)
    return made


@pytest.mark.parametrize(("fails_at", "torn_at"), [(0, 0.5), (1, 0.0), (1, 0.5), (1, 0.9)])
def test_an_exchange_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, torn_at: float
) -> None:
    index: list[str | None] = []
    writer = WarcWriter(
        tmp_path,
        "NEWSBOT-x",
        {"software": "test"},
        on_written=lambda _, captured: index.append(captured.index),
    )
    if fails_at:  # else even the first record of the file fails
        whole = exchange(1)
        writer.write_exchange(whole)
        whole.close()
    real, left = warcfile.write_all, [fails_at]

    def fail(file: object, data: bytes) -> None:
        left[0] -= 1
        if left[0] <= 0:
            file.write(data[: int(len(data) * torn_at)])  # type: ignore[attr-defined]
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file, data)  # type: ignore[arg-type]

    monkeypatch.setattr(warcfile, "write_all", fail)
    torn = exchange(2)
    with pytest.raises(CaptureError, match=r"No space left on device.*make room"):
        writer.write_exchange(torn)
    torn.close()
    monkeypatch.setattr(warcfile, "write_all", real)
    path = writer.close()
    if not fails_at:
        assert path is None
        assert list(tmp_path.iterdir()) == []
        return
    assert path is not None
    kinds = [record.headers["WARC-Type"] for record in read_records(path)]
    assert kinds == ["warcinfo", "response", "request", "metadata"]
    assert len(index) == 1
    with path.open("rb") as file:
        assert list(WarcCheck(path.name).run(file)) == []


def test_a_file_rolls_and_every_file_begins_with_its_own_warcinfo(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "NEWSBOT-x", {"software": "test"}, roll_at=2000)
    for number in range(8):
        made = exchange(number)
        writer.write_exchange(made)
        made.close()
    writer.close()
    paths = sorted(tmp_path.iterdir())
    assert len(paths) > 2
    assert [path.name for path in paths][:2] == [
        "NEWSBOT-x-00001.warc.gz",
        "NEWSBOT-x-00002.warc.gz",
    ]
    for path in paths:
        records = read_records(path)
        assert records[0].headers["WARC-Type"] == "warcinfo"
        assert records[0].headers["WARC-Filename"] == path.name
        info = records[0].headers["WARC-Record-ID"]
        assert {r.headers["WARC-Warcinfo-ID"] for r in records[1:]} == {info}


def test_two_that_write_one_file_do_not_take_it_from_each_other(tmp_path: Path) -> None:
    """As two schedulers do that are started at once: each keeps a copy of the seeds."""
    path = tmp_path / "seed.toml"
    with durable_file(path) as one:
        with durable_file(path) as other:
            one.write(b"one")
            other.write(b"other")
        assert path.read_bytes() == b"other"
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_could_not_be_written_whole_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "seed.toml"
    path.write_bytes(b"before")
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(OSError, match="No space left"),
        durable_file(path) as file,
    ):
        full.write(file.write(b"half").to_bytes())
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
