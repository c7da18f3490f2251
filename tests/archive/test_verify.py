"""A snapshot that was tampered with: verify names what and where, and exits with 1."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.files import sha256_of
from tests.acceptance.conftest import Bench


def run_folder(bench: Bench, which: int = 0) -> Path:
    return Path(bench.store_url) / bench.runs("antara")[which].prefix


def test_nothing_is_wrong_with_what_landed(landed: Bench) -> None:
    done = landed.newsbot("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no fault" in done.stdout
    ref = landed.runs("antara")[0]
    for target in (ref.run, ref.date.isoformat(), str(run_folder(landed)), landed.store_url,
                   str(next(run_folder(landed).glob("warc/*")))):  # fmt: skip
        assert landed.newsbot("verify", target).returncode == 0


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def spoil(path: Path) -> None:
    """Put bytes that no deflate stream holds into the middle."""
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + b"\xff" * 60 + data[middle + 60 :])


def rewrite_article(folder: Path) -> None:
    path = folder / "articles.jsonl.gz"
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    lines[0]["text"] = "Something else."
    path.write_bytes(gzip.compress("".join(json.dumps(x) + "\n" for x in lines).encode()))


def name_no_record(folder: Path) -> None:
    path = folder / "events.jsonl.gz"
    line = b'{"event": "saved", "record": "a"}\n'
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + line))


def swap_index(folder: Path) -> None:
    path = folder / "index.cdxj"
    path.write_bytes(path.read_bytes().replace(b'"offset": "', b'"offset": "1', 1))


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda f: flip(next(f.glob("warc/*.warc.gz"))), ".warc.gz"),
        (lambda f: spoil(f / "articles.jsonl.gz"), "articles.jsonl.gz: is not gzipped JSON lines"),
        (lambda f: (f / "articles.jsonl.gz").unlink(), "articles.jsonl.gz: is in the manifest"),
        (lambda f: (f / "extra.txt").write_text("x"), "extra.txt: is not in the manifest"),
        (lambda f: (f / "manifest.json").write_text("{}"), "manifest.json"),
        (rewrite_article, "content_sha256 does not match its title and text"),
        (name_no_record, "a line names no record: line 50: 'a'"),
        (swap_index, "index.cdxj"),
        (lambda f: (f / "SHA256SUMS").write_text(""), "SHA256SUMS"),
    ],
    ids=["flipped", "spoilt", "removed", "added", "manifest", "article", "record", "index", "sums"],
)
def test_a_tampered_run(copy: Bench, tamper: Callable[[Path], object], says: str) -> None:
    tamper(run_folder(copy))
    done = copy.newsbot("verify")
    assert done.returncode == 1
    assert says in done.stdout
    assert "Traceback" not in done.stderr


def test_a_removed_run_breaks_the_chain(copy: Bench) -> None:
    gone = copy.runs("antara")[0].run
    shutil.rmtree(run_folder(copy))
    done = copy.newsbot("verify")
    assert done.returncode == 1
    assert f"its previous run {gone} is missing" in done.stdout


def test_faults_as_json(copy: Bench) -> None:
    (run_folder(copy) / "extra.txt").write_text("x")
    lines = [json.loads(line) for line in copy.newsbot("verify", "--json").stdout.splitlines()]
    (fault,) = [line for line in lines if "what" in line]
    assert fault["what"] == "is not in the manifest"
    runs = {line["run"]: line for line in lines if "run" in line}
    first, second = copy.runs("antara")
    assert [runs[one.run]["outcome"] for one in (first, second)] == ["faulty", "good"]
    assert runs[second.run]["head"] == sha256_of(copy.store.get(second.prefix + "manifest.json"))
    assert lines[-1]["heads"]["antara"] == [runs[second.run]["head"]]


def test_nothing_of_that_name(copy: Bench) -> None:
    done = copy.newsbot("verify", "1999-01-01")
    assert done.returncode == 1
    assert "no run of 1999-01-01" in done.stderr
    assert "neither a file, a folder" in copy.newsbot("verify", "nowhere").stderr


def test_show_and_show_raw(landed: Bench) -> None:
    article = next(a for a in landed.articles("antara") if a["kind"] == "article")
    shown = landed.newsbot("show", article["canonical_url"] + "?utm_source=x")
    assert article["title"] in shown.stdout
    raw = landed.newsbot("show", article["canonical_url"], "--raw")
    assert raw.stdout.startswith("WARC/1.1")
    assert article["sources"][0]["record_id"] in raw.stdout
    assert "HTTP/1.1 200 OK" in raw.stdout
    none = landed.newsbot("show", "https://www.antaranews.com/berita/1/none")
    assert none.returncode == 1
    assert "no revision or capture is in" in none.stderr
