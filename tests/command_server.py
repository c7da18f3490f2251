"""Imports what commands need, then runs each command it is sent in a fork of itself.

``python -m tests.command_server SOCKET``; it ends when its standard input is closed. For each
connection it gets the command as JSON with three file descriptors (standard input, output, error),
and answers with the process id, then with the exit status.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.commands import ROOT, SERVED

_PACKAGES: Final = ("newsbot", "spiders", "pipelines")
_MODULES: Final = (
    "scrapy.cmdline", "scrapy.commands.crawl", "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.cookies", "scrapy.utils._remote_control", "pandas",
    "tests.capture.wirecrawl",
)  # fmt: skip
# These read the environment, which is that of each command, or change the process.
_LEFT_OUT: Final = ("newsbot.ledger.migrations.", "newsbot.settings", "newsbot.crawl.settings")


def main() -> None:
    """Serve until the input is closed; return in the process of a command once it has ended."""
    _import_all()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        print("ready", flush=True)
        # Nobody waits for the processes that handle connections.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                command = _handle(connection)
                break
            connection.close()
        else:
            return
    _run(command)


def _handle(connection: socket.socket) -> Callable[[], Any]:
    """Return what the process of the command is to run; end the one that waits for it."""
    message, streams, *_ = socket.recv_fds(connection, 1 << 20, 3)
    request = json.loads(message)
    pid = os.fork()
    if pid == 0:
        connection.close()
        return _prepared(request, streams)
    connection.send(str(pid).encode())
    ended = os.pidfd_open(pid)
    readable, _, _ = select.select([connection.fileno(), ended], [], [])
    if ended not in readable:
        os.kill(pid, signal.SIGKILL)  # who asked for it is gone
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _prepared(request: dict[str, Any], streams: list[int]) -> Callable[[], Any]:
    """Make this process that of the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.argv = request["argv"]
    sys.path[0] = str(Path(sys.executable).parent)
    module, _, name = SERVED[Path(sys.argv[0]).name].partition(":")
    function = getattr(importlib.import_module(module), name)
    return lambda: sys.exit(function())


def _run(command: Callable[[], Any]) -> None:
    """Run the command and end as a process does, but for freeing what was imported, for a second.

    That is: threads are waited for, what is to be run at exit is, and streams are flushed.
    """
    status: object = 1
    try:
        command()
    except SystemExit as end:
        status = end.code
    if isinstance(status, str):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 0)


def _import_all() -> None:
    os.chdir(ROOT)
    for name in _MODULES:
        importlib.import_module(name)
    for package in _PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if not module.name.startswith(_LEFT_OUT):
                importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # no command needs to look at it again
    assert "twisted.internet.reactor" not in sys.modules, "each command chooses its own"


if __name__ == "__main__":
    main()
