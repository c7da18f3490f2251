"""Landing and downloading runs on S3, compared with plain boto3 transfers of the same files.

Each round measures both, one after the other, and the result is the median of the rounds' ratios:
other load on the machine affects both. Files are in memory where possible, as a disk's speed would
hide the difference. Also measures the peak memory of downloading and verifying a 2 GB snapshot.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import benchmarks
from newsbot.archive.download import download_runs
from newsbot.archive.manifest import Manifest
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from tests.servers import BUCKET, s3_server
from tests.small_run import REF, manifest

ROUNDS = 7  # 3 without --long, which alone has the 2 GB snapshot
LARGE = 2 * 1024**3
# Runs of a round, and the bytes of each one's files: a large crawl, and a day of small ones.
SHAPES = {
    "one large run": (1, (192 * 1024**2, 2 * 1024**2, 100_000, 300_000, 500_000)),
    "24 small runs": (24, (400_000, 30_000, 2_000, 5_000, 8_000)),
}
_NAMES = ("warc/NEWSBOT-a.warc.gz", "articles.jsonl.gz", "events.jsonl.gz", "index.cdxj",
    "crawl.jsonl.gz")  # fmt: skip
_DOWNLOAD = """
import sys
from pathlib import Path
from newsbot.archive.download import download_runs
from newsbot.stores.opening import open_store
from newsbot.archive.verify.checking import verify_target
from newsbot.archive.verify.target import Selection, target_of
from newsbot.stores.s3options import S3Options
from newsbot.warc.fault import Fault
got = download_runs(open_store(sys.argv[1]), Path(sys.argv[2]))
target = target_of(sys.argv[2], sys.argv[2], S3Options(), Selection())
for found in verify_target(target):
    if isinstance(found, Fault):
        sys.exit(str(found))
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
print(got.bytes, peak)
"""


def main() -> None:
    """Print medians of alternating rounds, their ratios, and the peak memory."""
    memory = Path("/dev/shm")
    with _s3_folder(memory if memory.is_dir() else None) as folder:
        for shape, (runs, sizes) in SHAPES.items():
            _speed(folder, shape, runs, sizes)
    if benchmarks.LONG:
        with _s3_folder(None) as folder:
            _memory(folder)


@contextmanager
def _s3_folder(parent: Path | None) -> Iterator[Path]:
    """Yield a folder with a running S3 server, for which boto3's variables are set."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        (folder / "server").mkdir()
        with s3_server(folder / "server") as server:
            os.environ.update(server.environment)
            yield folder


def _speed(folder: Path, shape: str, runs: int, sizes: tuple[int, ...]) -> None:
    import boto3

    client = boto3.client("s3")
    files = folder / "files"
    for name, size in zip(_NAMES, sizes, strict=True):
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_bytes(os.urandom(size))
    times: dict[str, list[float]] = {"up": [], "up plain": [], "down": [], "down plain": []}
    for number in range(ROUNDS if benchmarks.LONG else 3):
        store = open_store(f"s3://{BUCKET}/{shape.replace(' ', '-')}-{number}")
        check_store(store, write=True)
        plain = partial(_plain, client, files, runs, f"plain-{runs}-{number}")
        target = folder / f"{runs}-{number}"
        times["up"].append(_timed(partial(_land, store, files, runs)))
        times["up plain"].append(_timed(partial(plain, None)))
        times["down"].append(_timed(partial(download_runs, store, target / "ours")))
        (target / "plain").mkdir()
        times["down plain"].append(_timed(partial(plain, target / "plain")))
        subprocess.run(["rm", "-r", target], check=True)
    _print(shape, runs * sum(sizes) / 1e6, times)


def _print(shape: str, mb: float, times: dict[str, list[float]]) -> None:
    for way in ("up", "down"):
        mine, theirs = times[way], times[f"{way} plain"]
        ratio = statistics.median(b / a for a, b in zip(mine, theirs, strict=True))
        print(
            f"{shape}, {way:5} ours {mb / statistics.median(mine):6.1f} MB/s, plain boto3 "
            f"{mb / statistics.median(theirs):6.1f} MB/s, ratio {ratio:.2f}"
        )


def _land(store: Store, files: Path, runs: int) -> None:
    """Land runs as a crawl does: checksums, upload, read-back, and the manifest last."""
    for number in range(runs):
        (files / "manifest.json").unlink(missing_ok=True)
        ref = RunRef(REF.date, REF.site, f"20250228T080000Z-{number:06x}")
        run_manifest: Manifest = manifest(run=ref.run)
        land(files, store, run_manifest, ref.prefix)


def _plain(client: Any, files: Path, runs: int, prefix: str, to: Path | None) -> None:
    """Transfer the same files with boto3 alone: up, or down to a folder."""
    for number in range(runs):
        for name in _NAMES:
            key = f"{prefix}/{number}/{name}"
            if to is None:
                client.upload_file(str(files / name), BUCKET, key)
            else:
                client.download_file(BUCKET, key, str(to / key.replace("/", "-")))


def _memory(folder: Path) -> None:
    from tests.stores.large import land_large

    store = open_store(f"s3://{BUCKET}/large")
    land_large(store, folder / "large", LARGE)
    command = [sys.executable, "-c", _DOWNLOAD, store.url, str(folder / "to")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    size, peak = done.stdout.split()
    print(f"2 GB  {int(size) / 1e9:.2f} GB downloaded and verified: peak {float(peak):.0f} MB")


def _timed(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started
