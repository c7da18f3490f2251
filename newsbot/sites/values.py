"""The values of seeds: addresses, hosts, durations, time zones, patterns and selectors.

They are validated on load; the error message says how to correct one.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    model_validator,
)

from newsbot.addresses import ascii_host, resolve

_CACHED_SELECTORS: Final = 4096  # some 40 of each seed


class Table(BaseModel):
    """A table of a seed: unknown keys are refused, and it is immutable."""

    # Without inputs: they may have secrets, which the message of an error would show.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


def web_url(value: str) -> str:
    """Return the address.

    Raises:
        ValueError: it is not a web address, or has a user name or password in it.
    """
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not a web address; write https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError(  # without the value: it has a secret
            f"an address on {parts.hostname} has a user name or password in it, which would be "
            "archived and sent to other pages; leave it out"
        )
    if resolve(value, value) is None:
        raise ValueError(f"{value!r} is not a web address; write https://host/path")
    return value


def _host(value: str) -> str:
    try:
        host = ascii_host(value)
    except ValueError:
        host = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host) or value != value.lower():
        raise ValueError(f"{value!r} is not a host name; write it in lower case, without https://")
    return host


def parse_duration(value: Any) -> timedelta:
    """Return the duration written as ``30s``, ``15m``, ``6h`` or ``7d``.

    Raises:
        ValueError: it has another form, or is 0.
    """
    found = re.fullmatch(r"(\d+)([smhd])", value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{value!r} is not a duration; write 30s, 15m, 6h or 7d")
    return int(found[1]) * _UNITS[found[2]]


_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Pattern = Annotated[str, AfterValidator(_pattern)]
WebUrl = Annotated[str, AfterValidator(web_url)]
Host = Annotated[str, AfterValidator(_host)]


class Selector(Table):
    """Where to find something on a page: a CSS or an XPath expression.

    ``attr`` selects an attribute instead of the text; ``text`` keeps only elements whose text
    matches the pattern; ``until`` is the last day on which the rule applied, compared with the
    page's own date.
    """

    css: str | None = None
    xpath: str | None = None
    attr: str | None = None
    text: Pattern | None = None
    until: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"css": value}
        if isinstance(value, dict):
            allowed = {"css", "xpath", "attr", "text", "until"}
            for key in value.keys() - allowed:
                raise ValueError(
                    f"{key!r} is not a selector kind; use "
                    '{ css = "…" } or { xpath = "…" }, with attr, text, until'
                )
        return value

    @model_validator(mode="after")
    def _valid_expression(self) -> Self:
        if (self.css is None) == (self.xpath is None):
            raise ValueError("give exactly one of css and xpath")
        try:
            _check_xpath(self.expression)
        except (SelectorError, etree.XPathError) as error:
            text = self.css if self.css is not None else self.xpath
            raise ValueError(f"bad selector {text!r}: {error}") from error
        return self

    @property
    def as_written(self) -> str:
        """The selector as in the seed."""
        return self.css if self.css is not None else str(self.xpath)

    @property
    def expression(self) -> str:
        """The selector as XPath, relative to the element it is applied to."""
        if self.xpath is not None:
            return self.xpath
        return _as_xpath(self.css or "")


# Seeds of one publisher share their selectors, and all seeds are loaded at once: checked anew in
# each of them, these took two thirds of the time (docs/decisions/0075-hosts-from-a-table.md).
@lru_cache(maxsize=_CACHED_SELECTORS)
def _as_xpath(css: str) -> str:
    return str(HTMLTranslator().css_to_xpath(css, prefix="descendant-or-self::"))


@lru_cache(maxsize=_CACHED_SELECTORS)
def _check_xpath(expression: str) -> None:
    etree.XPath(expression)


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_one_or_many)]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(
            f"{value!r} is not an IANA time zone; write a name such as Asia/Jakarta"
        ) from error
    return value


TimeZone = Annotated[str, AfterValidator(_zone)]
