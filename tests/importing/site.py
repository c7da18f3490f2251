"""A small synthetic site on a loopback port, which other programs capture through a proxy."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORIES = {
    "/2025/02/03/banjir-surut": ("Banjir surut di tiga desa", "2025-02-03T09:15:00+07:00"),
    "/2025/02/04/panen-raya": ("Panen raya dimulai di lereng selatan", "2025-02-04T07:40:00+07:00"),
    "/2025/02/05/dua-halaman": ("Jembatan lama dibuka lagi", "2025-02-05T16:05:00+07:00"),
}
CHUNKED = "/2025/02/04/panen-raya"
PAGED = "/2025/02/05/dua-halaman"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)

SEED = """\
name = "{name}"
title = "{name}"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["{host}"]

[[feeds]]
url = "http://{host}/rss"

[urls]
article = '^/\\d{{4}}/\\d\\d/\\d\\d/[a-z-]+$'

[select]
container = ["article"]
title = ["h1"]
next_page = ["a.next"]
"""


def text_of(title: str, edit: int = 0) -> str:
    """The paragraphs of a story, the first of which an edit changes."""
    more = f" Keterangan ini diperbarui {edit} kali." if edit else ""
    return (
        f"<p>{title}, kata kepala desa kepada warga yang berkumpul di balai pada pagi hari.{more}"
        "</p><p>Sejumlah keluarga kembali ke rumah masing-masing, dan jalan utama dapat dilalui "
        f"lagi oleh kendaraan kecil. Catatan desa menyebut {len(title) * 7} rumah.</p>"
    )


def page_of(path: str, host: str, edit: int = 0) -> bytes | None:
    """The HTML at the path; None where there is none."""
    path, _, query = path.partition("?")
    if path == "/":
        links = "".join(f'<li><a href="{one}">{STORIES[one][0]}</a></li>' for one in STORIES)
        return f"<html><title>Depan</title><ul>{links}</ul></html>".encode()
    if path not in STORIES:
        return None
    title, date = STORIES[path]
    head = (
        f'<meta property="og:type" content="article"><meta property="article:published_time" '
        f'content="{date}"><title>{title} - {host}</title>'
    )
    if query == "page=2":
        body = "<p>Halaman kedua menceritakan bagaimana tiang penyangga diganti satu per satu.</p>"
    else:
        body = text_of(title, edit) + '<img src="/gambar.png">'
        body += f'<a class="next" href="{path}?page=2">2</a>' if path == PAGED else ""
    html = f"<html><head>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return html.encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as the origin of whatever host a proxy's client asks for."""
        found = re.fullmatch(r"http://([^/]+)(/.*)", self.path)
        host, path = found.groups() if found else ("", self.path)
        body = PICTURE if path == "/gambar.png" else page_of(path, host)
        self.send_response(200 if body else 404)
        kind = "image/png" if path == "/gambar.png" else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        if path == CHUNKED and body:
            self._send_chunked(body)
            return
        self.send_header("ETag", f'"{len(body or b"")}"')
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def _send_chunked(self, body: bytes) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 200):
            piece = body[start : start + 200]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxy() -> Iterator[str]:
    """The site behind a proxy on a free port; yields the proxy's address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
