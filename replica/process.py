"""The replica in a process of its own, for callers without asyncio: demo, tests, benchmarks."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from newsbot.errors import NewsbotError
from replica.story import Template

READY: Final = "replica listening on "
_CONTROL_SECONDS = 60.0  # for one request to the controls
_STOP_SECONDS = 20.0


class ReplicaFailed(NewsbotError):
    """The replica's process did not start, or refused a control."""


@dataclass(frozen=True, slots=True)
class Running:
    """A replica in another process, and its controls."""

    proxy_url: str
    pid: int

    def truth(self) -> list[dict[str, Any]]:
        """Return the ground truth of every current story and copy."""
        return self._lines("truth")

    def log(self) -> list[tuple[str, str, int, int]]:
        """Return host, path, status and body bytes of every request served so far."""
        return [(one["host"], one["path"], one["status"], one["bytes"]) for one in self.served()]

    def served(self) -> list[dict[str, Any]]:
        """Return the log with times: time, host, path, status, bytes."""
        return self._lines("log")

    def edit(self, id_or_url: str) -> dict[str, Any]:
        """Rewrite a paragraph of a story; return its new truth."""
        return dict(json.loads(self._call("edit", id=id_or_url)))

    def revise(self, id_or_url: str) -> dict[str, Any]:
        """Change a number in a story silently; return its new truth."""
        return dict(json.loads(self._call("revise", id=id_or_url)))

    def restore(self, id_or_url: str) -> dict[str, Any]:
        """Take back the last edit of a story; return its truth, which is the former one."""
        return dict(json.loads(self._call("restore", id=id_or_url)))

    def repaint(self, url: str) -> None:
        """Put another picture at the address of one, and of its other sizes."""
        self._call("repaint", url=url)

    def restyle(self) -> None:
        """Give pages other colours, by a style sheet that has changed."""
        self._call("restyle")

    def repost_altered(self, id_or_url: str) -> dict[str, Any]:
        """Let the aggregator publish an altered copy of a story; return the copy's truth."""
        return dict(json.loads(self._call("repost", id=id_or_url)))

    def add(self, n: int) -> list[dict[str, Any]]:
        """Publish new stories on the main host; return their truth."""
        return list(json.loads(self._call("add", n=n)))

    def remove(self, id_or_url: str) -> dict[str, Any]:
        """Take a story down; return its last truth."""
        return dict(json.loads(self._call("remove", id=id_or_url)))

    def fault(self, **changes: Any) -> None:
        """Set faults by name; see ``replica.faults.Faults``."""
        self._call("fault", **changes)

    def clear(self) -> None:
        """End all faults but latency."""
        self._call("clear")

    def change_template(self, suffix: str = "-new", *, bare: bool = False) -> None:
        """Give article pages other class names and ids; ``suffix=""`` restores the old ones."""
        self._call("template", suffix=suffix, bare=bare)

    def latency(self, seconds: float) -> None:
        """Set the seconds before each response."""
        self._call("latency", seconds=seconds)

    def certificate(self) -> bytes:
        """Return the certificate of the authority, PEM."""
        return self._fetch("certificate", None)

    def _lines(self, what: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._fetch(what, None).splitlines()]

    def _call(self, what: str, **arguments: Any) -> bytes:
        return self._fetch(what, json.dumps(arguments).encode())

    def _fetch(self, what: str, data: bytes | None) -> bytes:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(
                f"{self.proxy_url}/_replica/{what}", data, _CONTROL_SECONDS
            ) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ReplicaFailed(f"replica: {what}: {error.read().decode()}") from error
        except OSError as error:
            raise ReplicaFailed(
                f"replica: {what}: {error}; is its process still running?"
            ) from error


@contextmanager
def running(
    articles: int = 300,
    seed: int = 7,
    *,
    template: Template | None = None,
    page_bytes: int = 0,
    latency: float = 0.0,
    assets: bool = False,
    hosts: Sequence[str] = (),
    newest: datetime | None = None,
    start: datetime | None = None,
    truth: Path | None = None,
    ca: Path | None = None,
    port: int = 0,
) -> Iterator[Running]:
    """Yield a replica in a process of its own, which ends with the block or with this process.

    The arguments are those of ``World`` and ``Replica``; ``truth`` is written before it is ready.

    Raises:
        ReplicaFailed: it did not start; its messages are on standard error.
    """
    command = [
        sys.executable, "-m", "replica", "--until-stdin-closes",
        f"--articles={articles}", f"--seed={seed}", f"--port={port}",
        f"--page-bytes={page_bytes}", f"--latency={latency}",
    ]  # fmt: skip
    options = {
        "template": template, "newest": newest and newest.isoformat(),
        "start": start and start.isoformat(), "truth": truth, "ca": ca, "hosts": ",".join(hosts),
    }  # fmt: skip
    command += [f"--{name}={value}" for name, value in options.items() if value]
    command += ["--assets"] if assets else []
    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise ReplicaFailed(f"the replica did not start; it printed {line.strip()!r}")
            yield Running(line.removeprefix(READY).strip(), process.pid)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
