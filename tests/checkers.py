"""What other tools say of our files."""

import subprocess
import sys
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

BIN = Path(sys.executable).parent


def check_warc(path: Path) -> None:
    """Have warcio and FastWARC check a WARC file, also its payloads.

    FastWARC judges the payload of a revisit, which is elsewhere, and of DNS answers, as if they
    were HTTP: these alone may fail.
    """
    done = _run(BIN / "warcio", "check", path)
    assert done.returncode == 0, done.stdout + done.stderr
    with path.open("rb") as file:
        misjudged = {
            record.rec_headers["WARC-Record-ID"]
            for record in ArchiveIterator(file)
            if record.rec_type == "revisit"
            or (record.rec_headers["WARC-Target-URI"] or "").startswith("dns:")
        }
    for payloads in ([], ["-p"]):
        done = _run(BIN / "fastwarc", "check", "-q", *payloads, "-o", "-", path)
        failed = [line for line in done.stdout.splitlines() if "FAIL" in line]
        assert (done.returncode == 0) or failed, done.stdout + done.stderr
        assert {line.split(": ")[0] for line in failed} <= misjudged, done.stdout


def _run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def check_wacz(path: Path) -> None:
    """Have py-wacz validate a package."""
    subprocess.run([BIN / "wacz", "validate", "-f", str(path)], check=True)
