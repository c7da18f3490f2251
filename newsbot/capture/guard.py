"""The address guard: which addresses both download paths and the doctor may connect to.

A page, a redirect or an aggregator's link must not lead the crawler into the network it runs in.
Only addresses that the IANA registries call global are allowed (RFC 6890). An address that embeds
another (IPv4-mapped, NAT64, 6to4) is checked by the embedded one. A name is checked by the
addresses it resolves to, and the connection is made to exactly the address that was checked. Where
an operator's proxy resolves names, only hosts given as addresses can be checked.
"""

import asyncio
import ipaddress
import re
import socket
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from newsbot.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: local use only
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible, RFC 4291, 2.5.5.1
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)  # inet_aton accepts 0x7f.1 too
_REMEDY = (
    "only public addresses are crawled; to crawl your own network, set "
    "NEWSBOT_PRIVATE_ADDRESSES=true"
)
_LOOPBACK_NAME = re.compile(r"(^|\.)localhost(\.localdomain)?$")  # RFC 6761, 6.3


def is_public(address: Address) -> bool:
    """Return whether the address, or the one embedded in it, is on the public internet."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    site_local = isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or address in _LOCAL_NAT64
    )
    return address.is_global and not address.is_multicast and not site_local


def parse_address(host: str) -> Address | None:
    """Return the host as an address, None if it is a name.

    Accepts every form that a resolver accepts: ``127.0.0.1``, ``2130706433``, ``0x7f.1``,
    ``0177.0.0.1``, ``[::1]``, full-width digits.
    """
    plain = _normalised(host)
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        pass
    if _NUMERIC.fullmatch(plain) is None:
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(plain))
    except OSError:
        return None


@lru_cache(maxsize=256)  # a crawl requests the same few hosts; exceptions are not cached
def check_host(host: str) -> None:
    """Check a host by its name alone, without resolving it.

    Raises:
        AddressRefused: it is a forbidden address, or a name of this machine.
    """
    address = parse_address(host)
    if address is not None:
        check_address(host, address)
    elif _LOOPBACK_NAME.search(_normalised(host)):
        raise AddressRefused(f"{host} is this machine; {_REMEDY}")


def check_url(url: str) -> None:
    """Check the host of a URL by its name alone; raises what ``check_host`` raises."""
    check_host(urlsplit(url).hostname or "")


def check_address(host: str, address: Address) -> None:
    """Check an address that the host is, or resolved to.

    Raises:
        AddressRefused: it is not a public address.
    """
    if not is_public(address):
        shown = str(address) if _normalised(host) == str(address) else f"{host} ({address})"
        raise AddressRefused(f"{shown} is not an address of the public internet; {_REMEDY}")


async def resolve(host: str, port: int) -> list[str]:
    """Return the allowed addresses of the host, in the order to try.

    Raises:
        AddressRefused: it has addresses, but none is allowed.
        OSError: it does not resolve.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return _allowed(host, [str(where[0]) for _, _, _, _, where in found])


def connect(
    where: tuple[str, int],
    timeout: float | None = None,
    source_address: tuple[str, int] | None = None,
) -> socket.socket:
    """Connect as ``socket.create_connection`` does, to allowed addresses of the host only.

    Raises:
        AddressRefused: it has addresses, but none is allowed.
        OSError: it does not resolve, or none of its addresses answers.
    """
    host, port = where
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failed: OSError | None = None
    for address in _allowed(host, [str(to[0]) for _, _, _, _, to in found]):
        try:
            return socket.create_connection((address, port), timeout, source_address)
        except OSError as error:
            failed = error
    raise failed or OSError(f"{host} has no address")


def _allowed(host: str, addresses: list[str]) -> list[str]:
    allowed = [one for one in addresses if is_public(ipaddress.ip_address(one))]
    if addresses and not allowed:
        check_address(host, ipaddress.ip_address(addresses[0]))
    return allowed


def _normalised(host: str) -> str:
    """Return the host as a resolver reads it: no brackets, zone or final dot; ASCII digits."""
    text = unicodedata.normalize("NFKC", unquote(host)).strip().strip("[]").lower()
    return text.partition("%")[0].rstrip(".")


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that is embedded in an IPv6 address."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour
