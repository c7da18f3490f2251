"""The synthetic ANTARA and aggregator, for the demo, the tests and the benchmarks.

``running`` starts it as a process of its own; see ``python -m newsbot.replica --help``.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_LINE = "replica listening on "


@dataclass(frozen=True, slots=True)
class Running:
    """A replica in another process."""

    proxy_url: str
    pid: int

    def truth(self) -> list[dict[str, Any]]:
        """The ground truth of all stories and copies."""
        return list(self._call("truth"))

    def log(self) -> list[tuple[str, str, int, int]]:
        """Host, target, status and body bytes of every request served so far."""
        return [tuple(line) for line in self._call("log")]

    def edit(self, url: str) -> dict[str, Any]:
        """Rewrite a paragraph of the story; returns its new truth."""
        return dict(self._call("edit", url=url))

    def add(self, count: int) -> list[dict[str, Any]]:
        """Publish new stories; returns their truth."""
        return list(self._call("add", count=count))

    def remove(self, url: str) -> None:
        """Take a story down."""
        self._call("remove", url=url)

    def fault(self, **changes: Any) -> None:
        """Set faults by name: see ``newsbot.replica.site.Faults``."""
        self._call("fault", **changes)

    def _call(self, what: str, **arguments: Any) -> Any:
        url = f"{self.proxy_url}/_replica/{what}"
        data = json.dumps(arguments).encode() if arguments else None
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, data), timeout=60) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def running(
    articles: int = 300,
    seed: int = 7,
    template: str | None = None,
    page_bytes: int = 0,
    latency: float = 0.0,
    newest: datetime | None = None,
) -> Iterator[Running]:
    """A replica in a process of its own, ended on leaving.

    Raises:
        RuntimeError: it did not start; the message has what it printed.
    """
    command = [sys.executable, "-m", "newsbot.replica", f"--articles={articles}", f"--seed={seed}"]
    command += [f"--page-bytes={page_bytes}", f"--latency={latency}"]
    if newest is not None:
        command.append(f"--newest={newest.isoformat()}")
    if template is not None:
        command.append(f"--template={template}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(_LINE):
                raise RuntimeError(f"the replica did not start: {line!r}")
            yield Running(line.removeprefix(_LINE).strip(), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=20)
