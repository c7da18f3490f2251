"""A package is what its parts say: sums, records, index and pages; an empty shell is not one."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.archive.export import select, wacz
from newsbot.archive.snapshots import read_run
from newsbot.errors import NewsbotError
from tests.acceptance.conftest import Bench
from tests.odd_captures import ODD, URL, Recorded, write
from tests.small_run import REF
from tests.verified import faults, found

Files = dict[str, bytes]
Damage = Callable[[Files], tuple[str, str]]
DESCRIPTION, DIGEST = "datapackage.json", "datapackage-digest.json"
INDEX, TABLE, PAGES = "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl"


@pytest.fixture
def package(landed: Bench, tmp_path: Path) -> Path:
    runs = [read_run(landed.store, ref) for ref in landed.runs()]
    wacz.export(select(runs, derived=False), tmp_path / "days.wacz", lambda *_: None)
    return tmp_path / "days.wacz"


def content(path: Path) -> Files:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def store(path: Path, files: Files, kind: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", kind) as package:
        for name, data in files.items():
            package.writestr(name, data)


def refit(files: Files) -> None:
    """Make all sums fit."""
    description = json.loads(files[DESCRIPTION])
    description["resources"] = [
        {"name": name, "path": name, "bytes": len(data),
         "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        for name, data in files.items() if name not in (DESCRIPTION, DIGEST)
    ]  # fmt: skip
    files[DESCRIPTION] = json.dumps(description).encode()
    sha256 = hashlib.sha256(files[DESCRIPTION]).hexdigest()
    files[DIGEST] = json.dumps({"path": DESCRIPTION, "hash": f"sha256:{sha256}"}).encode()


def warc_of(files: Files) -> str:
    return min(name for name in files if name.startswith("archive/"))


def no_warc(files: Files) -> tuple[str, str]:
    return warc_of(files), files.pop(
        warc_of(files)
    ) and "is listed in datapackage.json, but missing"


def other_bytes(files: Files) -> tuple[str, str]:
    files[PAGES] = files[PAGES].replace(b"a", b"b")
    return PAGES, "sha256 is "


def cut_off(files: Files) -> tuple[str, str]:
    files[warc_of(files)] = files[warc_of(files)][:-20]
    return warc_of(files), f"bytes, {DESCRIPTION} says"


def something_more(files: Files) -> tuple[str, str]:
    files["archive/more.txt"] = b"x"
    return "archive/more.txt", f"is not listed in {DESCRIPTION}"


def another_description(files: Files) -> tuple[str, str]:
    files[DESCRIPTION] = files[DESCRIPTION].replace(b"newsbot runs", b"other runs")
    return DIGEST, f"is not the digest of {DESCRIPTION}"


def no_digest(files: Files) -> tuple[str, str]:
    del files[DIGEST]
    return DIGEST, "is missing"


def no_description(files: Files) -> tuple[str, str]:
    files[DESCRIPTION] = b"[]"
    return DESCRIPTION, "is no description of a package"


def an_empty_shell(files: Files) -> tuple[str, str]:
    for name in [name for name in files if name.startswith("archive/")]:
        del files[name]
    refit(files)
    return "archive/", "holds no WARC file: the package is an empty shell"


def a_shell_of_one_record(files: Files) -> tuple[str, str]:
    kept = files[warc_of(files)].split(b"\x1f\x8b\x08")[1]
    for name in [name for name in files if name.startswith("archive/")]:
        del files[name]
    files["archive/x.warc.gz"] = b"\x1f\x8b\x08" + kept
    refit(files)
    return "archive/", "holds no response: the package is an empty shell"


def indexed(change: Callable[[list[bytes]], object], says: str) -> Damage:
    def damage(files: Files) -> tuple[str, str]:
        lines = gzip.decompress(files[INDEX]).splitlines(keepends=True)
        change(lines)
        files[INDEX] = gzip.compress(b"".join(lines))
        refit(files)
        return INDEX, says

    return damage


def replaced(old: bytes, new: bytes) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        lines[:] = [line.replace(old, new) for line in lines]

    return change


def another_table(files: Files) -> tuple[str, str]:
    files[TABLE] = files[TABLE].replace(b'"offset": 0', b'"offset": 7')
    refit(files)
    return TABLE, "a line's block of the index is another: line 2"


def another_block(files: Files) -> tuple[str, str]:
    files[TABLE] = files[TABLE].replace(b'"length": ', b'"length": -')
    refit(files)
    return TABLE, "a line names no block of the index"


def no_index(files: Files) -> tuple[str, str]:
    del files[INDEX], files[TABLE]
    refit(files)
    return "indexes/", "holds no index"


def a_page_of_nothing(files: Files) -> tuple[str, str]:
    files[PAGES] += b'{"url": "https://a.example/", "ts": "2025-01-01T00:00:00Z"}\n'
    refit(files)
    return PAGES, "lists a page that no WARC file of the package has: line "


def no_page(files: Files) -> tuple[str, str]:
    files[PAGES] += b"[]\n"
    refit(files)
    return PAGES, "a line is no page, with url and ts"


def a_damaged_record(files: Files) -> tuple[str, str]:
    data = bytearray(files[warc_of(files)])
    data[len(data) // 2 : len(data) // 2 + 60] = b"\xff" * 60
    files[warc_of(files)] = bytes(data)
    refit(files)
    return warc_of(files), "not gzip: "


DAMAGES: dict[str, Damage] = {
    "no WARC": no_warc,
    "other bytes": other_bytes,
    "cut off": cut_off,
    "something more": something_more,
    "another description": another_description,
    "no digest": no_digest,
    "no description": no_description,
    "an empty shell": an_empty_shell,
    "a shell of one record": a_shell_of_one_record,
    "no index line": indexed(lambda lines: lines.pop(), "has no line for a record"),
    "an index line twice": indexed(lambda lines: lines.append(lines[-1]), "has two lines"),
    "an index of other types": indexed(replaced(b"text/html", b"a/b"), "differs from its record"),
    "an index that is not sorted": indexed(list.reverse, "is not sorted bytewise"),
    "another table": another_table,
    "another block": another_block,
    "no index": no_index,
    "a page of nothing": a_page_of_nothing,
    "no page": no_page,
    "a damaged record": a_damaged_record,
}


def test_what_newsbot_exports_is_good(package: Path) -> None:
    assert found(package) == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named(package: Path, name: str) -> None:
    files = content(package)
    file, says = DAMAGES[name](files)
    store(package, files)
    said = faults(package)
    assert any(one.startswith(f"{package}/{file}") and says in one for one in said), said
    assert len(said) <= 5, said


def test_odd_answers_in_a_package_are_no_faults(tmp_path: Path) -> None:
    run = Recorded(tmp_path)
    for number, odd in enumerate(ODD.values()):
        write(run.spool, f"{URL}{number}", odd)
    wacz.export(select([run.land()], derived=False), tmp_path / "odd.wacz", lambda *_: None)
    assert faults(tmp_path / "odd.wacz") == []
    remarks = found(tmp_path / "odd.wacz")
    assert any("so it was sent" in one.what for one in remarks)
    assert faults(REF.run, store=str(tmp_path / "archive")) == []


def test_records_that_were_compressed_again_are_a_remark(package: Path) -> None:
    store(package, content(package), zipfile.ZIP_DEFLATED)
    (*_, remark) = found(package)
    assert remark.is_remark
    assert "is compressed again" in remark.what


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(package: Path) -> None:
    with zipfile.ZipFile(package, "a") as added:
        added.writestr(PAGES, b"{}")
    assert any("is in the package twice" in one for one in faults(package))


@pytest.mark.parametrize("cut", [1, 5_000])
def test_a_package_that_is_cut_off(package: Path, cut: int) -> None:
    package.write_bytes(package.read_bytes()[:-cut])
    (said,) = faults(package)
    assert said.startswith(f"{package}: is not a whole zip file")


def test_a_part_that_cannot_be_read(package: Path) -> None:
    data = bytearray(package.read_bytes())
    data[200] ^= 1  # within its first WARC file
    package.write_bytes(bytes(data))
    with zipfile.ZipFile(package) as damaged:
        name = damaged.namelist()[0]
    first, *_ = faults(package)
    assert f"{name}: cannot be read: Bad CRC-32" in first


def test_a_package_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.wacz").mkdir()
    with pytest.raises(NewsbotError):
        faults(tmp_path / "a.wacz")
