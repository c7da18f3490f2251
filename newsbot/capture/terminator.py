"""Verified TLS for a browser that cannot be given an authority: our proxy ends it and begins anew.

Chromium takes authorities from databases of its user only. So for hosts that a seed's CA file may
sign, the filtering proxy verifies the host's certificate itself, and shows the browser a
certificate of its own, whose key is made for this browser alone.
"""

import asyncio
import base64
import hashlib
import logging
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from newsbot.sites.access import SiteAccess

logger = logging.getLogger(__name__)

_DAYS: Final = 7  # longer than any crawl
_SECONDS: Final = 20.0  # for one handshake

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class TlsTerminator:
    """Ends the browser's TLS for a site's hosts; ``key_hash`` is what the browser accepts instead.

    ``versions`` has the TLS version that each host has agreed to.
    """

    def __init__(self, access: SiteAccess) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.key_hash = _hash_of(key.public_key())
        self.versions: dict[str, str] = {}
        self._hosts = access.site.hosts
        self._to_host = access.tls_context()
        self._to_browser = _server_context(key)

    def ends(self, host: str) -> bool:
        """Return whether the browser's TLS with the host ends here."""
        return host in self._hosts

    async def encrypt(self, host: str, remote: asyncio.StreamWriter) -> None:
        """Begin TLS with the host.

        Raises:
            OSError: its certificate is refused (``ssl.SSLError``), or the handshake fails.
        """
        async with asyncio.timeout(_SECONDS):
            try:
                await remote.start_tls(self._to_host, server_hostname=host)
            except ssl.SSLError as error:
                logger.warning("browser: %s: its certificate is refused: %s", host, error)
                raise
        self.versions[host] = remote.get_extra_info("ssl_object").version()

    async def accept(self, browser: asyncio.StreamWriter) -> None:
        """Begin TLS with the browser, which has just been told that its tunnel stands."""
        async with asyncio.timeout(_SECONDS):
            await browser.start_tls(self._to_browser)


def _hash_of(key: ec.EllipticCurvePublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    encoded = key.public_bytes(serialization.Encoding.DER, form)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode("ascii")


def _server_context(key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with tempfile.NamedTemporaryFile() as file:  # readable by this user only; ssl reads files
        file.write(pem + _certificate(key).public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newsbot")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .sign(key, hashes.SHA256())
    )
