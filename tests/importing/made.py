"""Files of the programs whose captures come in, made by these programs from a synthetic site.

``data/`` holds what ``python -m tests.importing.made`` wrote; nothing is fetched but from loopback.
- ``wget.warc.gz``: GNU Wget 1.21 with ``--warc-file``: WARC/1.0, addresses in angle brackets, one
  page with chunked framing; request records before their responses.
- ``wget-dedup.warc.gz``: the same pages again, with ``--warc-dedup``: revisits that name a record
  id of the first file, and neither address nor date.
- ``warcio.warc.gz``: warcio's writer, with heads as browsers' recorders write them
  (``HTTP/1.1 200``), and a record of a name (``dns:``).
- ``py-wacz.wacz``: ``wacz create`` of pages of another site.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.importing.site import PAGED, PICTURE, STORIES, page_of, proxy

DATA = Path(__file__).parent / "data"
PATHS = ["/", *STORIES, f"{PAGED}?page=2", "/gambar.png", "/hilang"]


def by_wget(folder: Path, host: str = "berita.example") -> None:
    """Two files by wget: all pages, and all again without those that it has."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with proxy() as address:
        for name, more in (("wget", []), ("wget-dedup", ["--warc-dedup=wget.cdx"])):
            command = [
                "wget", "--quiet", "--output-document=/dev/null", f"--warc-file={name}",
                "--warc-cdx", "--no-warc-keep-log", "--tries=1", *more,
                *(f"http://{host}{path}" for path in PATHS),
            ]  # fmt: skip
            subprocess.run(
                command, cwd=folder, env=environment | {"http_proxy": address}, check=False
            )


def by_warcio(
    path: Path, host: str, *, day: str = "2025-03-01", edit: int = 0, compressed: bool = True
) -> None:
    """A file by warcio's writer: one capture of each page of the site, on that day."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=compressed)
        info = writer.create_warcinfo_record(path.name, {"software": "tests/importing by warcio"})
        writer.write_record(info)
        name = b"20250301000000\n192.0.2.1\n"
        dns = writer.create_warc_record(
            f"dns:{host}",
            "response",
            io.BytesIO(name),
            len(name),
            warc_content_type="text/dns",
            warc_headers_dict={"WARC-Date": f"{day}T08:00:00Z"},
        )
        writer.write_record(dns)
        for number, one in enumerate(PATHS):
            body = PICTURE if one == "/gambar.png" else page_of(one, host, edit)
            kind = "image/png" if one == "/gambar.png" else "text/html"
            head = StatusAndHeaders(
                "200" if body else "404", [("content-type", kind)], protocol="HTTP/1.1"
            )
            body = body or b"tidak ada"
            writer.write_record(
                writer.create_warc_record(
                    f"https://{host}{one}",
                    "response",
                    io.BytesIO(body),
                    len(body),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": f"{day}T08:00:{number + 1:02d}Z"},
                )
            )


def by_py_wacz(path: Path, host: str) -> None:
    """A package by ``wacz create`` of one file of warcio."""
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "rekaman.warc.gz"
        by_warcio(warc, host)
        pages = Path(folder) / "pages.jsonl"
        lines = [
            {"format": "json-pages-1.0", "id": "pages", "title": "Semua"},
            {"url": f"https://{host}{PAGED}", "ts": "2025-03-01T08:00:04Z", "title": "Jembatan"},
        ]
        pages.write_text("".join(json.dumps(line) + "\n" for line in lines))
        program = str(Path(sys.executable).parent / "wacz")
        subprocess.run(
            [program, "create", str(warc), "-o", str(path), "-p", str(pages)],
            check=True, capture_output=True,
        )  # fmt: skip


def main() -> None:
    """Write ``data/`` again."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        by_wget(Path(folder))
        for name in ("wget.warc.gz", "wget-dedup.warc.gz"):
            (DATA / name).write_bytes((Path(folder) / name).read_bytes())
    by_warcio(DATA / "warcio.warc.gz", "berita.example")
    by_py_wacz(DATA / "py-wacz.wacz", "kabar.example")


if __name__ == "__main__":
    main()
