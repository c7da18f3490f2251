"""Lists of pages to save: one address a line; empty lines and comments (``#``) are left out."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from newsbot.addresses import LONGEST, resolve
from newsbot.errors import ConfigError

STDIN: Final = "-"
_MOST: Final = 50_000  # pages of one list: with the usual delay a day's work for one host
_LARGEST: Final = 16 << 20  # bytes of a list
_MOST_FAULTS: Final = 10  # shown


def read_page_list(name: str) -> list[str]:
    """Return the addresses in a file, or on the standard input (``-``), each once.

    Raises:
        ConfigError: it cannot be read, is too long, or has a line that is no address; the message
            names each by its number.
    """
    where = "standard input" if name == STDIN else name
    try:
        with nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{where}: cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise ConfigError(
            f"{where}: longer than {_LARGEST >> 20} MiB; is it a list of addresses? Split it"
        )
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    stripped = ((number, _without_comment(line)) for number, line in enumerate(lines, 1))
    return checked_pages(
        (f"{where}, line {number}", address) for number, address in stripped if address
    )


def checked_pages(named: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return the addresses as a browser sends them, each once, in their order.

    Args:
        named: each with where it stands, for the message.

    Raises:
        ConfigError: one is no address of a page; the message names those that are not.
    """
    pages: dict[str, None] = {}
    faults: list[str] = []
    for where, address in named:
        try:
            pages[_page(address)] = None
        except ValueError as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise ConfigError("\n".join(_shortened(faults)))
    if len(pages) > _MOST:
        raise ConfigError(f"{len(pages)} pages are too many for one run; save {_MOST} at a time")
    return list(pages)


def _without_comment(line: bytes) -> bytes:
    text = line.strip()
    return b"" if text.startswith(b"#") else text.partition(b" #")[0].rstrip()


def _page(address: bytes) -> str:
    shown = repr(address[:80].decode("utf-8", "replace"))
    try:
        text = address.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{shown} is not UTF-8") from None
    url = resolve(text, text)
    if url is None and "://" not in text and resolve("https://x/", f"https://{text}"):
        raise ValueError(f"{shown} has no scheme; write https://{text[:80]}")
    if url is None and "@" in text:
        raise ValueError(  # without the value: it may have a secret
            "an address with a user name or password, which would be archived; leave that out"
        )
    if url is None:
        raise ValueError(f"{shown} is not a web address; write https://host/path")
    page = url.partition("#")[0]
    if len(page) > LONGEST:
        raise ValueError(f"{shown}… is longer than {LONGEST} characters")
    return page


def _shortened(faults: list[str]) -> Iterator[str]:
    yield from faults[:_MOST_FAULTS]
    if len(faults) > _MOST_FAULTS:
        yield f"and {len(faults) - _MOST_FAULTS} more"
