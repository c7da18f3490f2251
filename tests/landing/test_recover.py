"""What a dead run left is cut at its last whole exchange and closed."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from newsbot.archive.lines import GzipLines
from newsbot.landing.land import Ending
from newsbot.landing.recover import close_dead, spooled_sites
from newsbot.landing.spool import Spool
from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter
from tests.capture.conftest import read_records


class _Transport:
    def getPeer(self) -> object:  # noqa: N802 - Twisted's name
        return type("Peer", (), {"host": "127.0.0.1"})()


def spooled(folder: Path, pages: int) -> list[int]:
    """A spool as a crawl leaves it when it dies; returns where each exchange ends."""
    writer = partial(WarcWriter, prefix="NEWSBOT-x", info={"software": "test"})
    spool = Spool(folder, {"run": "r", "site": "x"}, writer)
    ends = []
    for number in range(pages):
        exchange = Exchange(f"http://x.example/{number}", "GET")
        exchange.begin(_Transport())
        exchange.request += b"GET / HTTP/1.1\r\n\r\n"
        exchange.take(b"HTTP/1.1 200 OK\r\n\r\npage %d" % number)
        exchange.finish(0)
        captured = spool.warc.write_exchange(exchange)
        exchange.close()
        place = {"id": captured.record_id, "file": captured.file, "offset": captured.offset}
        line = {"url": exchange.url, "record": place, "index": captured.index}
        spool.add("crawl", json.dumps(line))
        article = {"url": exchange.url, "fetched_at": datetime.now(UTC).isoformat()}
        spool.add("articles", json.dumps({**article, "sources": [place]}))
        ends.append((folder / "files/warc/NEWSBOT-x-00001.warc.gz.open").stat().st_size)
    spool.warc._files._file.close()  # type: ignore[union-attr]  # as the system does for the dead
    spool.warc._payloads.close()
    for journal in spool._journals.values():
        journal.close()
    return ends


@pytest.mark.parametrize("torn", [0, 1, 60, 400])
def test_cut_at_the_last_whole_exchange(tmp_path: Path, torn: int) -> None:
    ends = spooled(tmp_path / "run", 5)
    path = tmp_path / "run/files/warc/NEWSBOT-x-00001.warc.gz.open"
    size = ends[-1] - torn
    with path.open("r+b") as file:
        file.truncate(size)
    whole = sum(end <= size for end in ends)
    close_dead(tmp_path / "run")
    warc = tmp_path / "run/files/warc/NEWSBOT-x-00001.warc.gz"
    assert warc.stat().st_size == ends[whole - 1]
    kinds = [record.headers["WARC-Type"] for record in read_records(warc)]
    assert kinds == ["warcinfo"] + ["response", "request", "metadata"] * whole
    for name in ("crawl", "articles"):
        lines = list(GzipLines(tmp_path / f"run/files/{name}.jsonl.gz"))
        assert [line["url"] for line in lines] == [f"http://x.example/{n}" for n in range(whole)]
    index = (tmp_path / "run/files/index.cdxj").read_text().splitlines()
    assert len(index) == whole
    ending = Ending.read(tmp_path / "run")
    assert ending is not None
    assert ending.outcome == "recovered"


def test_an_exchange_without_its_journal_line_is_cut_off_too(tmp_path: Path) -> None:
    ends = spooled(tmp_path / "run", 3)
    journal = tmp_path / "run/journal/crawl.jsonl"
    journal.write_bytes(journal.read_bytes()[:-1])
    close_dead(tmp_path / "run")
    assert len(list(GzipLines(tmp_path / "run/files/crawl.jsonl.gz"))) == 2
    assert len((tmp_path / "run/files/index.cdxj").read_text().splitlines()) == 2
    assert (tmp_path / "run/files/warc/NEWSBOT-x-00001.warc.gz").stat().st_size == ends[1]
    assert len(list(GzipLines(tmp_path / "run/files/articles.jsonl.gz"))) == 2


def test_a_torn_journal_line_is_left_out(tmp_path: Path) -> None:
    spooled(tmp_path / "run", 3)
    with (tmp_path / "run/journal/crawl.jsonl").open("ab") as file:
        file.write(b'{"of": "urn:x", "bec')
    close_dead(tmp_path / "run")
    assert len(list(GzipLines(tmp_path / "run/files/crawl.jsonl.gz"))) == 3


def test_a_run_whose_record_is_damaged_is_named_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name, record in (("20250101T000000Z-abcdef", b'{"si'), ("20250102T000000Z-abcdef", b"[]")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_bytes(record)
    (tmp_path / "20250103T000000Z-abcdef").mkdir()
    (tmp_path / "20250104T000000Z-abcdef").mkdir()
    (tmp_path / "20250104T000000Z-abcdef/run.json").write_text('{"site": "x"}')
    assert spooled_sites(tmp_path) == ["x"]
    assert "20250101T000000Z-abcdef/run.json: damaged" in caplog.text
    assert "20250102T000000Z-abcdef/run.json: damaged" in caplog.text


def test_again_gives_the_same(tmp_path: Path) -> None:
    spooled(tmp_path / "run", 3)
    close_dead(tmp_path / "run")
    files = tmp_path / "run/files"
    first = {path: path.read_bytes() for path in files.rglob("*") if path.is_file()}
    close_dead(tmp_path / "run")
    assert {path: path.read_bytes() for path in files.rglob("*") if path.is_file()} == first
