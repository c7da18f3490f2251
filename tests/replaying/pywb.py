"""A pywb server of its own collection, with the index that it makes or one that it is given."""

import os
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_ports

BIN = Path(sys.executable).parent


@contextmanager
def pywb(folder: Path, warcs: Iterable[Path], index: Path | None = None) -> Iterator[str]:
    """Serve these files; yield the collection's address. Without an index pywb makes its own."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}

    def manage(*arguments: str) -> None:
        subprocess.run(
            [str(BIN / "wb-manager"), *arguments],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip

    manage("init", "news")
    if index is None:
        manage("add", "news", *map(str, warcs))
    else:
        collection = folder / "collections" / "news"
        for warc in warcs:
            shutil.copy(warc, collection / "archive")
        shutil.copy(index, collection / "indexes" / "index.cdxj")
    (port,) = free_ports(1)
    command = [str(BIN / "wayback"), "-p", str(port), "-b", "127.0.0.1"]
    with (
        (folder / "pywb.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            pause = threading.Event()
            while True:
                assert process.poll() is None, (folder / "pywb.log").read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
                    break
                except (urllib.error.URLError, OSError):
                    pause.wait(0.1)
            yield f"http://127.0.0.1:{port}/news"
        finally:
            process.kill()
