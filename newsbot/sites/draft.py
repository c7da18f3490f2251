"""A drafted seed: each key with its value, how sure it is and why, written as TOML."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from newsbot.sites.loading import site_of
from newsbot.sites.site import Site

Sureness = Literal["sure", "likely", "guess"]
"""``sure`` was seen on the site and tried there, ``likely`` rests on some evidence."""

_TABLES: Final = ("urls", "select", "politeness")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH: Final = 100  # columns; longer arrays are written on several lines


@dataclass(frozen=True, slots=True)
class DraftKey:
    """One key of the seed: ``urls.article`` is ``article`` of the table ``urls``.

    One that is not ``in_force`` is written as a comment: it works, and is not needed.
    """

    key: str
    value: Any
    sure: Sureness
    why: str
    in_force: bool = True


@dataclass(frozen=True, slots=True)
class TriedPage:
    """An article that the draft was tried on; ``fault`` says what is wrong with what came out."""

    url: str
    title: str | None
    published: str | None
    characters: int
    fault: str | None = None


@dataclass(slots=True)
class Draft:
    """A seed in the making: keys in the order of the file, pages it was tried on, remarks."""

    home: str
    keys: list[DraftKey] = field(default_factory=list)
    tried: list[TriedPage] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    requests: int = 0

    def add(self, key: str, value: Any, sure: Sureness, why: str, *, in_force: bool = True) -> None:
        """Add a key, in place of an earlier one of that name."""
        self.keys = [one for one in self.keys if one.key != key]
        self.keys.append(DraftKey(key, value, sure, why, in_force))

    def get(self, key: str) -> Any:
        """Return the value of a key; None without it."""
        return next((one.value for one in self.keys if one.key == key and one.in_force), None)

    def with_keys(self, values: Mapping[str, Any]) -> "Draft":
        """Return a draft with these keys, too."""
        more = (DraftKey(key, value, "guess", "") for key, value in values.items())
        return Draft(self.home, [*self.keys, *more])

    @property
    def is_sound(self) -> bool:
        """Whether everything came out right on nearly all pages tried."""
        right = sum(page.fault is None for page in self.tried)
        return right * 5 >= len(self.tried) * 4 > 0

    def site(self) -> Site:
        """Return the site that the draft describes.

        Raises:
            ConfigError: a value is not one that a seed may have.
        """
        return site_of(self.to_toml(), self.home)

    def to_toml(self) -> str:
        """Return the seed's text, each key under a comment that says how sure it is, and why."""
        head = [
            f"# Drafted by `newsbot sites new {_line(self.home)}`: read it before you rely on it.",
            "# Above each key: how sure it is (sure, likely or guess), and why.",
        ]
        return "\n".join([*head, "", *self._lines()]).rstrip() + "\n"

    def _lines(self) -> Iterator[str]:
        tables = (*_TABLES, "lists")
        for one in self.keys:
            if one.key.partition(".")[0] not in tables:
                yield from _key_lines(one, one.key)
        for one in self.keys:
            if one.key == "lists":
                yield from _list_lines(one)
        for table in _TABLES:
            of_table = [one for one in self.keys if one.key.startswith(f"{table}.")]
            if of_table:
                yield from ("", f"[{table}]")
            for one in of_table:
                yield from _key_lines(one, one.key.removeprefix(f"{table}."))

    def to_fields(self) -> dict[str, Any]:
        """Return the draft as a JSON object."""
        return {
            "home": self.home,
            "keys": [
                {
                    "key": one.key, "value": one.value, "sure": one.sure, "why": one.why,
                    "in_force": one.in_force,
                }
                for one in self.keys
            ],
            "tried": [
                {name: getattr(page, name) for name in TriedPage.__slots__} for page in self.tried
            ],
            "remarks": self.remarks,
            "requests": self.requests,
            "seed": self.to_toml(),
        }  # fmt: skip


def _key_lines(one: DraftKey, name: str) -> Iterator[str]:
    yield f"# {one.sure}: {_line(one.why)}"
    yield from _commented(_assignment(name, one.value), one.in_force)


def _list_lines(one: DraftKey) -> Iterator[str]:
    yield ""
    yield f"# {one.sure}: {_line(one.why)}"
    for number, listing in enumerate(one.value):
        lines = ["[[lists]]", *(_assignment(name, value) for name, value in listing.items())]
        yield from [""] if number else []
        yield from _commented("\n".join(lines), one.in_force)


def _commented(text: str, in_force: bool) -> Iterator[str]:
    yield from (line if in_force else f"#{line}" for line in text.split("\n"))


def _assignment(name: str, value: Any) -> str:
    text = f"{name} = {_toml(value)}"
    if isinstance(value, list | tuple) and value and len(text) > _WIDTH:
        inner = "".join(f"  {_toml(one)},\n" for one in value)
        return f"{name} = [\n{inner}]"
    return text


def _toml(value: Any) -> str:
    """Return a value as TOML; of tables only those without tables in them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = (f"{_key(name)} = {_toml(one)}" for name, one in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f"[{', '.join(map(_toml, value))}]"
    return _string(str(value))


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    """Return a string; one with backslashes, as a pattern has, between single quotes."""
    text = _encodable(text)
    if "\\" in text and "'" not in text and _CONTROL.search(text) is None:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _line(text: str) -> str:
    """Return text from a site on one line, as a comment must be."""
    return _encodable(_CONTROL.sub(" ", text)).strip()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
