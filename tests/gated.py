"""A site behind TLS of its own authority that shows its stories to those who are let in only."""

import datetime as dt
import gzip
import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.webserver import reply, serving

TOKEN, SESSION = "sesame-0xCAFE4711", "s-90f2c17d"
SEED = """
name = "kabargerbang"
title = "Kabar Gerbang"
kind = "publisher"
language = "id-ID"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = [
  { url = "https://127.0.0.1:PORT/rss", section = "Ekonomi" },
  "https://127.0.0.1:PORT/rss-pindah",
]
[urls]
article = '^/\\?p=(?P<number>\\d+)$'
keep_query = ["p"]
[request]
user_agent = "(arsip berita)"
ca_file = "ca.pem"
[request.headers]
Accept-Language = "id-ID"
X-Api-Key = { env = "GERBANG_KEY" }
[request.cookies]
consent = "yes"
session = { env = "GERBANG_SESSION" }
"""
VARIABLES = {"GERBANG_KEY": TOKEN, "GERBANG_SESSION": SESSION}
STORY = (
    "Gerbang kota itu dibuka kembali setelah perbaikan selesai, kata penjaga, dan pedagang yang "
    "menunggu sejak Senin dapat masuk dengan gerobak mereka sebelum pasar dimulai."
)


@dataclass
class Asked:
    """A request as a server received it."""

    path: str
    headers: dict[str, str]
    cookies: set[str]


@dataclass
class Gate:
    """The site's folder, where its seed and its authority are, and what the servers were asked."""

    folder: Path
    here: list[Asked] = field(default_factory=list)
    elsewhere: list[Asked] = field(default_factory=list)


class _Recording(BaseHTTPRequestHandler):
    asked: list[Asked]

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        cookies = set(filter(None, headers.get("cookie", "").split("; ")))
        self.asked.append(Asked(self.path, headers, cookies))
        self.answer(headers, cookies)

    def answer(self, headers: dict[str, str], cookies: set[str]) -> None:
        raise NotImplementedError


class _Site(_Recording):
    other: int  # the port of another host

    def answer(self, headers: dict[str, str], cookies: set[str]) -> None:
        is_let_in = headers.get("x-api-key") == TOKEN and f"session={SESSION}" in cookies
        if self.path == "/robots.txt":
            reply(self, 404)
        elif not is_let_in or "consent=yes" not in cookies:
            reply(self, 403)
        elif self.path == "/rss":
            reply(self, 200, _feed(self.server.server_port, 7), "application/rss+xml")
        elif self.path in ("/rss-pindah", "/gambar.png"):
            reply(self, 302, Location=f"http://localhost:{self.other}{self.path}")
        elif self.path.endswith("&utm_source=rss"):
            reply(self, 302, Location=self.path.partition("&")[0])
        elif self.path in ("/?p=7", "/?p=8"):
            story = f"<h1>Gerbang dibuka</h1><p>{STORY}</p>"
            script = "document.title = document.cookie"
            images = "<img src=/gambar.png><img src=/dekat.png>"
            page = f"<article>{story}</article>{images}<script>{script}</script>"
            reply(self, 200, f"<html lang=id><title>Gerbang</title><body>{page}</body></html>")
        else:
            reply(self, 404)


class _Elsewhere(_Recording):
    site: int  # the port of the site

    def answer(self, headers: dict[str, str], cookies: set[str]) -> None:
        if self.path == "/rss-pindah":
            reply(self, 200, _feed(self.site, 8), "application/rss+xml")
        else:
            reply(self, 404)


def _feed(port: int, *numbers: int) -> str:
    items = "".join(
        f"<item><title>{one}</title><link>https://127.0.0.1:{port}/?p={one}&amp;utm_source=rss</link></item>"
        for one in numbers
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


@contextmanager
def gated(folder: Path, change: tuple[str, str] = ("", "")) -> Iterator[Gate]:
    """Serve the site and another host; write its seed, with a change of its text, and authority."""
    gate = Gate(folder)
    there = type("There", (_Elsewhere,), {"asked": gate.elsewhere})
    with serving(there) as other:
        here = type("Here", (_Site,), {"asked": gate.here, "other": other})
        with serving(here, _signed(folder)) as port:
            there.site = port  # type: ignore[attr-defined]
            seed = SEED.replace(*change).replace("PORT", str(port))
            (folder / "kabargerbang.toml").write_text(seed)
            yield gate


def stored(*folders: Path) -> Iterator[bytes]:
    """Everything in the files of the folders, also what is compressed."""
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        yield gzip.decompress(data) if path.suffix == ".gz" else data


def requests_in(folder: Path) -> list[bytes]:
    """The request records of all WARC files in the folder."""
    found = []
    for path in folder.rglob("*.warc.gz"):
        with path.open("rb") as file:
            records = ArchiveIterator(file, WarcRecordType.request, parse_http=False)
            found += [record.reader.read() for record in records]
    return found


def header_in(request: bytes, name: str) -> str | None:
    """The value of a header in a request record."""
    found = re.search(rf"(?im)^{name}: ([^\r\n]*)".encode(), request)
    return None if found is None else found[1].decode()


def _signed(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate for 127.0.0.1 by an authority, written to ca.pem."""
    authority, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    root = _certificate("Kabar CA", authority, "Kabar CA", authority, is_authority=True)
    leaf = _certificate("127.0.0.1", key, "Kabar CA", authority, is_authority=False)
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    extension = x509.BasicConstraints(ca=True, path_length=None) if is_authority else names
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(extension, critical=is_authority)
        .sign(signer, hashes.SHA256())
    )
