"""The project's command lines in processes that are forked, not started anew.

Most of a short crawl's time goes into importing Scrapy, Twisted and newsbot. One process imports
them once (``tests/command_server.py``); each command runs in a fork of it, with its own arguments,
environment, working directory and streams, and ends as a process does. Tests of what a user has
installed (the wheel, the demo, the README) start real ones.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SERVED: Final = {
    "scrapy": "scrapy.cmdline:execute", "newsbot": "newsbot.cli:main",
    "wirecrawl": "tests.capture.wirecrawl:main",
}  # fmt: skip


def run_command(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path = ROOT,
    sent: str = "", seconds: float = 600,
) -> "subprocess.CompletedProcess[str]":  # fmt: skip
    """Run a command of SERVED, with ``sent`` as its input, and wait for its end.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was killed.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, (
        tempfile.TemporaryFile()
    ) as err:  # fmt: skip
        given.write(sent.encode())
        given.seek(0)
        request = {
            "argv": list(command), "cwd": str(cwd), "environment": dict(environment or os.environ)
        }  # fmt: skip
        streams = [stream.fileno() for stream in (given, out, err)]
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.connect(_server())
            socket.send_fds(connection, [json.dumps(request).encode()], streams)
            pid = int(connection.recv(64))
            connection.settimeout(seconds)
            try:
                status = int(connection.recv(64))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(command), seconds) from None
        out.seek(0)
        err.seek(0)
        # Not all of it is text: `newsbot show --raw` prints a record with its gzipped body.
        return subprocess.CompletedProcess(
            list(command), status, out.read().decode(errors="replace"),
            err.read().decode(errors="replace"),
        )  # fmt: skip


_STARTING: Final = threading.Lock()


def _server() -> str:
    with _STARTING:
        return _started_server()


@cache
def _started_server() -> str:
    """Start the server; it ends with this process, which holds the other end of its input."""
    folder = tempfile.TemporaryDirectory(prefix="newsbot-commands-")
    address = f"{folder.name}/socket"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.command_server", address], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None

    def stop() -> None:
        server.stdin.close()
        server.wait()
        server.stdout.close()
        folder.cleanup()

    atexit.register(stop)
    assert server.stdout.readline() == "ready\n", "the server of commands did not start"
    return address
