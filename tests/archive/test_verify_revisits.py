"""Revisits must refer to the response that holds what is revisited, and to no other record."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import newsbot.warc.writer
from newsbot.archive.snapshots import read_run
from newsbot.archive.verify import verify_run
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import open_store
from newsbot.warc import cdxj
from newsbot.warc.fault import Fault
from newsbot.warc.files import WarcFiles
from newsbot.warc.records import SERVER_NOT_MODIFIED, Block, Captured, Prior, timestamp
from tests.landed import packed
from tests.odd_captures import BODY, OK, URL, Odd, Recorded, write
from tests.small_run import NOW, REF, manifest

LATER = replace(REF, run="20250228T090000Z-abcdef")
PAGE = Odd(OK + b"\r\n" + BODY)
UNCHANGED = Odd(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")


class Names:
    """Finds one record, whatever is asked for: what a ledger that is wrong would do."""

    def __init__(self, prior: Prior) -> None:
        self._prior = prior

    def payload(self, _sha256: str) -> Prior:
        return self._prior

    def response(self, _url: str) -> Prior:
        return self._prior


def prior(captured: Captured, url: str = URL) -> Prior:
    digest = captured.payload_digest or ""
    return Prior(captured.record_id, url, captured.date, captured.file, digest)


@pytest.fixture
def earlier(tmp_path: Path) -> tuple[Captured, Captured, Captured]:
    """A landed run with a page, the same page again (a revisit), and another page."""
    run = Recorded(tmp_path)
    other = Odd(OK + b"\r\nother")
    records = (write(run.spool, URL, PAGE), write(run.spool, URL, PAGE),
               write(run.spool, f"{URL}2", other))  # fmt: skip
    run.land()
    return records


def later(
    folder: Path,
    prior: Prior,
    odd: Odd = PAGE,
    files: tuple[str, ...] | None = None,
    ref: RunRef = LATER,
) -> list[tuple[str, bool]]:
    """Faults of a run with a revisit of that record: what, and whether it is a remark."""
    run = Recorded(folder, ref, Names(prior))
    write(run.spool, URL, odd)
    landed = run.land(refers_to=(prior.file,) if files is None else files)
    return [(fault.what, fault.is_remark) for fault in verify_run(landed)]


Earlier = tuple[Captured, Captured, Captured]


@pytest.mark.parametrize("odd", [PAGE, UNCHANGED], ids=["identical", "unchanged"])
def test_what_it_refers_to_is_right(tmp_path: Path, earlier: Earlier, odd: Odd) -> None:
    assert later(tmp_path, prior(earlier[0]), odd) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: prior(e[2], f"{URL}2"), "refers to a record with another payload digest"),
        (lambda e: prior(e[1]), "refers to a record that is a revisit itself"),
        (lambda e: replace(prior(e[0]), record_id="<urn:uuid:1>"),
         "refers to a record that is in no file that the manifest names"),
        (lambda e: prior(e[0], f"{URL}9"),
         "gives another URL or date than the record that it refers to has"),
        (lambda e: replace(prior(e[0]), date=e[0].ended.replace(year=2001)),
         "gives another URL or date than the record that it refers to has"),
    ],
    ids=["payload", "revisit", "nothing", "url", "date"],
)  # fmt: skip
def test_what_it_refers_to_is_another(
    tmp_path: Path, earlier: Earlier, change: Callable[[Earlier], Prior], says: str
) -> None:
    assert later(tmp_path, change(earlier)) == [(says, False)]


def test_a_file_that_the_manifest_does_not_name(tmp_path: Path, earlier: Earlier) -> None:
    missing = "refers to a record that is in no file that the manifest names"
    assert later(tmp_path, prior(earlier[0]), files=()) == [(missing, False)]


def test_a_record_of_a_run_that_is_not_here_is_counted(tmp_path: Path, earlier: Earlier) -> None:
    assert later(tmp_path / "copy", prior(earlier[0])) == []


def test_an_id_that_two_records_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = itertools.cycle(["<urn:uuid:1>", "<urn:uuid:2>"])
    monkeypatch.setattr(newsbot.warc.writer, "new_id", lambda: next(ids))
    run = Recorded(tmp_path)
    for number in range(3):
        write(run.spool, f"{URL}{number}", PAGE)
    (fault,) = verify_run(run.land())
    assert fault.what == "an earlier record has the same WARC-Record-ID"
    assert fault.count == 4


@pytest.mark.parametrize("form", ["head", "empty"])
def test_both_forms_of_what_was_unchanged_are_good(
    tmp_path: Path, earlier: Earlier, form: str
) -> None:
    """With the HTTP head of the 304 in its block, and with an empty block, as it replays."""
    assert unchanged(tmp_path, earlier[0], has_head=form == "head") == []


@pytest.mark.parametrize("form", ["head", "empty"])
def test_only_the_old_form_could_refer_to_a_revisit(
    tmp_path: Path, earlier: Earlier, form: str
) -> None:
    """It is as it landed, though players show another version."""
    (fault,) = unchanged(tmp_path, earlier[1], has_head=form == "head")
    assert fault.what == "refers to a record that is a revisit itself"
    assert fault.is_remark == (form == "head")


def unchanged(tmp_path: Path, at: Captured, *, has_head: bool) -> list[Fault]:
    """Faults of a run with a 304 that refers to that record, in the old form or the new one."""
    files = tmp_path / "run"
    (files / "warc").mkdir(parents=True)
    headers = {
        "WARC-Target-URI": URL,
        "WARC-Profile": SERVER_NOT_MODIFIED,
        "WARC-Refers-To": at.record_id,
        "WARC-Refers-To-Target-URI": URL,
        "WARC-Refers-To-Date": timestamp(at.date),
    } | ({"Content-Type": "application/http;msgtype=response"} if has_head else {})
    warc = WarcFiles(files / "warc", f"NEWSBOT-antara-{LATER.run}", {"software": "newsbot/1"})
    warc.roll_if_due()
    block = Block(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n" if has_head else b"")
    offset, length = warc.append("revisit", "<urn:uuid:1>", NOW, headers, block)
    warc.flush()
    warc.close()
    index = cdxj.line(
        URL, NOW, mime="warc/revisit", status=304 if has_head else None, digest=None,
        offset=offset, length=length, filename=warc.filename,
    )  # fmt: skip
    (files / "index.cdxj").write_text(index + "\n")
    place = {"id": "<urn:uuid:1>", "type": "revisit", "file": warc.filename, "offset": offset}
    line = {"time": timestamp(NOW), "url": URL, "status": 304, "record": place | {"length": length}}
    for name, lines in (("crawl", [line]), ("articles", []), ("events", [])):
        (files / f"{name}.jsonl.gz").write_bytes(packed(lines))
    store = open_store(str(tmp_path / "archive"))
    fields = {"run": LATER.run, "counts": {"articles": 0}, "refers_to": (at.file,)}
    land(files, store, manifest(**fields), LATER.prefix)
    return list(verify_run(read_run(store, LATER)))
