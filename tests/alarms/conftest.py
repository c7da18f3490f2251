"""An empty ledger, and a server that takes what is sent to it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from newsbot.ledger import Ledger
from tests.webserver import serving


@dataclass
class Listener:
    """A web server on loopback that keeps what it was sent; ``status`` is what it answers."""

    port: int = 0
    status: int = 200
    asked: list[str] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"json://user:hunter22@127.0.0.1:{self.port}/secret-path"


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A real HTTP server for webhooks and pings."""
    kept = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.asked.append(self.path)
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if kept.status == 200:
                kept.taken.append(json.loads(body))
            self._answer()

        def _answer(self) -> None:
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Handler) as kept.port:
        yield kept


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new SQLite ledger."""
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()
