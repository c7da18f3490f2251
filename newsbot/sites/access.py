"""What a crawl needs to be let in by a site: its headers and cookies with their values, its CA.

They are for the site's own hosts only: a redirect, a link or a picture may lead anywhere.
"""

import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from newsbot.addresses import host_of
from newsbot.errors import ConfigError
from newsbot.sites.request import Variable, is_header_text
from newsbot.sites.site import Site

_SHORTEST_PART: Final = 6  # characters: a shorter part would be masked all over a log


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of the seed. A secret one is hidden from the scripts of pages."""

    value: str = field(repr=False)
    is_secret: bool = False


@dataclass(frozen=True)
class SiteAccess:
    """The seed's headers and cookies with their values, and the file of its authorities.

    Secret values are sent over https only, except to a host that the seed itself has an http
    address of.
    """

    site: Site = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, Cookie] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    ca_file: Path | None = None

    @classmethod
    def of(cls, site: Site, environment: Mapping[str, str]) -> "SiteAccess":
        """Return the access to a site, with secret values from the environment.

        Raises:
            ConfigError: a variable is not set or cannot be sent, or the CA file has no certificate.
        """
        secrets = _Secrets(site.name, environment)
        headers = {
            name: secrets.value_of(f"headers.{name}", value)
            for name, value in site.request.headers.items()
        }
        cookies = {
            name: Cookie(secrets.value_of(f"cookies.{name}", value), isinstance(value, Variable))
            for name, value in site.request.cookies.items()
        }
        whole = next((headers.pop(name) for name in list(headers) if name.lower() == "cookie"), "")
        cookies |= {name: Cookie(value, is_secret=True) for name, value in pairs_of(whole)}
        secrets.keep_parts(value for _, value in pairs_of(whole))
        return cls(site, headers, cookies, tuple(secrets.values), readable_ca_file(site))

    def headers_for(self, url: str) -> dict[str, str]:
        """Return the headers for a request to the address; none for another host."""
        if not self.site.owns(url):
            return {}
        secret = () if self.may_have_secrets(url) else self.site.request.secret_headers
        return {name: value for name, value in self.headers.items() if name not in secret}

    def cookies_for(self, url: str) -> dict[str, str]:
        """Return the cookies for a request to the address; none for another host."""
        if not self.site.owns(url):
            return {}
        trusted = self.may_have_secrets(url)
        found = self.cookies.items()
        return {name: one.value for name, one in found if trusted or not one.is_secret}

    def may_have_secrets(self, url: str) -> bool:
        """Return whether secret values may be sent to an address of the site."""
        return url.startswith("https:") or host_of(url) in self._plain_hosts

    def tls_context(self) -> ssl.SSLContext:
        """Return a context that verifies by the machine's authorities and those of the file."""
        context = ssl.create_default_context()
        # As in the crawl itself: since 3.13 Python refuses authorities of the old form.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context

    @property
    def _plain_hosts(self) -> set[str]:
        starts = self.site.start_urls
        return {host_of(url) for url in starts if urlsplit(url).scheme == "http"}


class _Secrets:
    """Reads a site's secrets from the environment, and keeps what a log must not show."""

    def __init__(self, site: str, environment: Mapping[str, str]) -> None:
        self.values: list[str] = []
        self._site = site
        self._environment = environment

    def value_of(self, key: str, value: str | Variable) -> str:
        if isinstance(value, str):
            return value
        found = self._environment.get(value.name, "")
        where = f"{self._site}: request.{key}: the environment variable {value.name}"
        if not found:
            raise ConfigError(f"{where} is not set; set it to the value that the site gave you")
        if not is_header_text(found):
            raise ConfigError(f"{where} is not one line of printable letters; set it again")
        self.values.append(found)
        self.keep_parts(found.split()[1:])  # without the scheme, such as Bearer
        return found

    def keep_parts(self, parts: Iterable[str]) -> None:
        """Keep parts of a value that are long enough to be a secret by themselves."""
        self.values += [part for part in parts if len(part) >= _SHORTEST_PART]


def pairs_of(cookie: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a Cookie header."""
    for pair in cookie.split(";"):
        name, equals, value = pair.strip().partition("=")
        if name and equals:
            yield name, value


def readable_ca_file(site: Site) -> Path | None:
    """Return the path of the seed's CA file, None without one.

    Raises:
        ConfigError: it cannot be read, or has no certificate.
    """
    path = site.ca_file
    if path is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError too: it has no certificate
        why = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(
            f"{site.name}: request.ca_file: {path}: {why}; give a PEM file with the certificates "
            "of the authorities"
        ) from error
    return path
