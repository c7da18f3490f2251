"""A loopback proxy before a real server that answers some requests with errors of S3's own form."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.webserver import serving

Fault = tuple[int, str]  # HTTP status and S3's name of the error
_XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{0}</Code><Message>{0}</Message></Error>'
_HOP = ("connection", "transfer-encoding", "keep-alive")


class FaultyS3:
    """Passes requests on, signatures and all, but for those that ``fault`` has an answer to."""

    def __init__(self, endpoint: str) -> None:
        self.behind = urlsplit(endpoint).netloc
        self.endpoint = ""
        self.fault: Callable[[str, str], Fault | None] = lambda _method, _path: None
        self.delay = 0.0  # seconds before each answer
        self.faults: list[str] = []  # requests that were answered so
        self.never = threading.Event()

    def well(self) -> None:
        """Be an honest server again."""
        self.fault, self.delay = lambda _method, _path: None, 0.0


@contextmanager
def faulty_s3(endpoint: str) -> Iterator[FaultyS3]:
    """The proxy before the server at the endpoint."""
    proxy = FaultyS3(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.never.wait(proxy.delay)
            fault = proxy.fault(self.command, self.path)
            if fault is not None:
                proxy.faults.append(f"{self.command} {self.path}")
                self._answer(fault[0], [("Content-Type", "application/xml")],
                    _XML.format(fault[1]).encode())  # fmt: skip
                return
            server = http.client.HTTPConnection(proxy.behind)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "expect"}
            server.request(self.command, self.path, body, headers)
            answer = server.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())
            server.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            lengths = [value for name, value in headers if name.lower() == "content-length"]
            for name, value in headers:
                if name.lower() not in (*_HOP, "content-length"):
                    self.send_header(name, value)
            of_head = self.command == "HEAD" and lengths
            self.send_header("Content-Length", lengths[0] if of_head else str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_any  # noqa: N815

    with serving(Handler) as port:
        proxy.endpoint = f"http://127.0.0.1:{port}"
        yield proxy
