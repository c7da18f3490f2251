"""Upload and download through our S3 store against plain boto3 of the same bytes, in one run.

And the peak memory of a process that downloads and verifies a 2 GB snapshot.
"""

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from newsbot.archive.store import Store, open_store
from tests.servers import BUCKET, s3_server

SIZE = 256 * 1024**2  # bytes of each file
ROUNDS = 5
LARGE = 2 * 1024**3
_PIECE = 1024**2
_DOWNLOAD = """
import sys
from pathlib import Path
from newsbot.archive.download import download_runs
from newsbot.archive.store import open_store
from newsbot.archive.targets import faults_of
got = download_runs(open_store(sys.argv[1]), Path(sys.argv[2]))
for fault in faults_of(sys.argv[2], sys.argv[2]):
    sys.exit(str(fault))
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
print(got.bytes, peak)
"""


def main() -> None:
    """Print medians of rounds taken in turn, their ratios, and the memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "server").mkdir()
        with s3_server(folder / "server") as server:
            os.environ.update(server.environment)
            _speed(folder)
            _memory(folder)


def _speed(folder: Path) -> None:
    import boto3

    store, client = open_store(f"s3://{BUCKET}/bench"), boto3.client("s3")
    path = folder / "file"
    sha256 = _random_file(path, SIZE)
    times: dict[str, list[float]] = {"up": [], "up plain": [], "down": [], "down plain": []}
    for number in range(ROUNDS):
        ours, plain = f"{uuid.uuid4().hex}", f"plain/{number}"
        times["up"].append(_timed(partial(store.put_file, ours, path, sha256)))
        times["up plain"].append(_timed(partial(client.upload_file, str(path), BUCKET, plain)))
        times["down"].append(_timed(partial(_fetch, store, ours, folder / "got")))
        got = str(folder / "got")
        times["down plain"].append(_timed(partial(client.download_file, BUCKET, plain, got)))
    for way in ("up", "down"):
        mine, theirs = times[way], times[f"{way} plain"]
        ratio = statistics.median(b / a for a, b in zip(mine, theirs, strict=True))
        mb = SIZE / 1e6
        print(
            f"{way:5} ours {mb / statistics.median(mine):6.0f} MB/s, plain boto3 "
            f"{mb / statistics.median(theirs):6.0f} MB/s, ratio {ratio:.2f}"
        )


def _fetch(store: Store, name: str, to: Path) -> None:
    """As a download does: written down and summed."""
    digest = hashlib.sha256()
    with to.open("wb") as file:
        for piece in store.stream(name):
            digest.update(piece)
            file.write(piece)


def _memory(folder: Path) -> None:
    from tests.archive.large import land_large

    store = open_store(f"s3://{BUCKET}/large")
    land_large(store, folder / "large", LARGE)
    command = [sys.executable, "-c", _DOWNLOAD, store.url, str(folder / "to")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    size, peak = done.stdout.split()
    print(f"2 GB  {int(size) / 1e9:.2f} GB downloaded and verified: peak {float(peak):.0f} MB")


def _random_file(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(size // _PIECE):
            piece = os.urandom(_PIECE)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _timed(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started
