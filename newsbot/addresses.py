"""Addresses as a browser requests them (the URL Standard of the WHATWG, by Ada).

What is fetched is the address that a page links to, byte for byte; what identifies an article is
its canonical URL (``newsbot.extract.urls``), under which nothing need be served.
"""

import re
from typing import Final
from urllib.parse import urlsplit

import ada_url

# Characters. PostgreSQL indexes at most 2,704 bytes, and no article's URL is longer.
LONGEST: Final = 2000
_USERINFO = re.compile(r"https?://[^/?#]*@")
_NUMERIC = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")  # an IPv4 address in one of its spellings


def resolve(base: str, reference: str | None) -> str | None:
    """Return the address that a reference on a page leads to; None if it is no page's.

    None for other schemes than http and https, for fragments alone, for addresses with a user name
    or password, which would be archived and sent on, and for what is no address at all. The
    fragment of others is kept.
    """
    reference = (reference or "").strip()
    if not reference or reference.startswith("#"):
        return None
    try:
        url = str(ada_url.join_url(base, reference))
    except ValueError:
        return None
    is_page = url.startswith(("http://", "https://")) and _USERINFO.match(url) is None
    return url if is_page else None


def ascii_host(host: str) -> str:
    """Return a host name as it is in an address: in lower case, other letters in Punycode.

    Raises:
        ValueError: it is not the name of a host.
    """
    if re.search(r"[\s/?#@:\\\\]", host) or not host:
        raise ValueError(f"{host!r} is not a host name")
    return str(ada_url.parse_url(f"https://{host}/")["hostname"])


def host_of(url: str) -> str:
    """Return the host of an address, as ``ascii_host`` gives it; empty if it has none."""
    try:
        host = urlsplit(url).hostname or ""
        is_plain = host.isascii() and _NUMERIC.search(host) is None
        return host if is_plain or ":" in host else ascii_host(host)
    except ValueError:
        return ""
