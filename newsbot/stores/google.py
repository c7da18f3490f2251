"""Signs requests for Google Cloud Storage, whose XML API is S3's with names of its own.

Signed with AWS's names, that API ignores ``If-None-Match`` on PUT, so that an object can be
overwritten. It honours ``x-goog-if-generation-match: 0``, but refuses it beside any ``x-amz-``
header (ExcessHeaderValues): so all headers, and the signature with them, need Google's names.

Source: cloud.google.com/storage/docs/authentication/signatures and /docs/xml-api/reference-headers.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

_ALGORITHM: Final = "GOOG4-HMAC-SHA256"
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"  # Content-MD5, which is signed, stands for the payload
_LOCATION: Final = "auto"  # any value will do, the documentation says
_OURS, _THEIRS = "x-amz-", "x-goog-"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class _Headers(Protocol):
    def __getitem__(self, name: str) -> str: ...
    def __setitem__(self, name: str, value: str) -> None: ...
    def __delitem__(self, name: str) -> None: ...
    def __contains__(self, name: object) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...


class Request(Protocol):
    """What is signed: a request of botocore's before it is sent."""

    method: str
    url: str
    headers: _Headers


def sign_for_google(request: Request, key: str, secret: str, now: datetime) -> None:
    """Give the request's headers Google's names, and add the signature.

    Args:
        key: the access id of an HMAC key.
        now: the time of the signature, in UTC.
    """
    _rename(request.headers)
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    headers = request.headers
    for name, value in (("x-goog-date", stamp), ("x-goog-content-sha256", _UNSIGNED)):
        del headers[name]  # of an earlier attempt; setting alone would add a second one
        headers[name] = value
    names, canonical = _canonical(request)
    scope = f"{stamp[:8]}/{_LOCATION}/storage/goog4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = _signature(secret, scope, f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}")
    del headers["Authorization"]
    headers["Authorization"] = (
        f"{_ALGORITHM} Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )


def _rename(headers: _Headers) -> None:
    """Give Google's names to the headers; If-None-Match becomes its condition for a new object."""
    for name in list(headers):
        if name.lower().startswith(_OURS):
            value = headers[name]
            del headers[name]
            headers[_THEIRS + name[len(_OURS) :]] = value
    if "If-None-Match" in headers:
        del headers["If-None-Match"]
        headers["x-goog-if-generation-match"] = "0"


def _canonical(request: Request) -> tuple[str, str]:
    """Return the names of the headers that are signed, and the canonical request."""
    parts = urlsplit(request.url)
    signed = {"host": _host(request.url)}
    for name in request.headers:
        if name.lower().startswith(_THEIRS) or name.lower() == "content-md5":
            signed[name.lower()] = " ".join(request.headers[name].split())
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return names, f"{request.method}\n{parts.path}\n{query}\n{lines}\n{names}\n{_UNSIGNED}"


def _host(url: str) -> str:
    """Return the Host header that is sent: without the scheme's own port."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.hostname}{port}"


def _signature(secret: str, scope: str, text: str) -> str:
    key = f"GOOG4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
