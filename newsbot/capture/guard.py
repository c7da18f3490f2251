"""Which addresses a crawl may reach: the one guard of both download paths, and of the doctor.

A page, a redirect or an aggregator's link must not lead the crawler into the network it runs in.
Only addresses that the IANA registries call global are reached (RFC 6890); an address that wraps
another (IPv4-mapped, NAT64, 6to4) is judged by the one inside. A name is judged by what it
resolves to, and the connection is made to the very address that was judged. Where a proxy of the
operator's does the resolving, only hosts that are addresses themselves can be judged.
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
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: of one network alone
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible, RFC 4291, 2.5.5.1
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)  # inet_aton takes 0x7f.1 too
_REMEDY = (
    "a crawl reaches none other; if you mean to crawl your own network, set "
    "NEWSBOT_PRIVATE_ADDRESSES=true"
)
_LOOPBACK_NAME = re.compile(r"(^|\.)localhost(\.localdomain)?$")  # RFC 6761, 6.3


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet; one that wraps another, by that one."""
    inner = _wrapped(address)
    if inner is not None:
        return is_public(inner)
    site_local = isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or address in _LOCAL_NAT64
    )
    return address.is_global and not address.is_multicast and not site_local


def literal(host: str) -> Address | None:
    """Return the address that the host is, in any form that a resolver takes; None if it is a name.

    ``127.0.0.1``, ``2130706433``, ``0x7f.1``, ``0177.0.0.1``, ``[::1]``, full-width digits.
    """
    plain = _plain(host)
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


@lru_cache(maxsize=256)  # a crawl asks for the same few hosts; a refusal is not kept
def check_host(host: str) -> None:
    """Judge a host by its name alone, without resolving it.

    Raises:
        AddressRefused: it is an address that may not be reached, or a name of this machine.
    """
    address = literal(host)
    if address is not None:
        check_address(host, address)
    elif _LOOPBACK_NAME.search(_plain(host)):
        raise AddressRefused(f"{host} is this machine; {_REMEDY}")


def check_url(url: str) -> None:
    """Judge the host of a URL by its name alone; as ``check_host``."""
    check_host(urlsplit(url).hostname or "")


def check_address(host: str, address: Address) -> None:
    """Judge an address that the host is or has resolved to.

    Raises:
        AddressRefused: it may not be reached.
    """
    if not is_public(address):
        said = str(address) if _plain(host) == str(address) else f"{host} ({address})"
        raise AddressRefused(f"{said} is not an address of the public internet; {_REMEDY}")


async def resolve(host: str, port: int) -> list[str]:
    """Return those addresses of the host that may be reached, in the order to try.

    Raises:
        AddressRefused: it has addresses, and none that may be reached.
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
    """As ``socket.create_connection``, to those addresses of the host that may be reached.

    Raises:
        AddressRefused: it has addresses, and none that may be reached.
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


def _plain(host: str) -> str:
    """Return the host as a resolver reads it: no brackets, no zone, no final stop, plain digits."""
    text = unicodedata.normalize("NFKC", unquote(host)).strip().strip("[]").lower()
    return text.partition("%")[0].rstrip(".")


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour
