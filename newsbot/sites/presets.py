"""What is known of publishing systems and their themes; the data is in ``presets.toml``.

A preset is a guess until its selectors were tried on pages of the site.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from pydantic import Field

from newsbot.sites.values import Selector, Selectors, Table

Known = Literal["tried", "read", "seen", "memory"]
"""How surely a preset is known, the surest first; the data says what each means."""

HOW_KNOWN: Final[dict[Known, str]] = {
    "tried": "tried on a site made with it",
    "read": "its templates were read",
    "seen": "only seen in what others read of such sites",
    "memory": "known from memory only",
}


class Preset(Table):
    """A publishing system or a theme: how it is recognised, and what its sites usually have."""

    name: str
    known: Known
    generator: str | None = None
    marks: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    pages: str | None = None
    select: Mapping[str, Selectors] = Field({})

    def is_in(self, source: str, generator: str) -> bool:
        """Return whether a page's source or its generator shows it.

        Args:
            source: in lower case.
        """
        named = self.generator is not None and generator.lower().startswith(self.generator.lower())
        return named or any(mark in source for mark in self.marks)


class _Presets(Table):
    systems: tuple[Preset, ...]
    themes: tuple[Preset, ...]


@cache
def _presets() -> _Presets:
    text = files("newsbot.sites").joinpath("presets.toml").read_text(encoding="utf-8")
    return _Presets.model_validate(tomllib.loads(text))


def presets_of(sources: Iterable[str], generator: str) -> list[Preset]:
    """Return the themes and systems that pages of a site show, the most particular first.

    Args:
        generator: what the home page names as its generator; empty if it names none.
    """
    known, lowered = _presets(), [source.lower() for source in sources]
    return [
        preset
        for preset in (*known.themes, *known.systems)
        if any(preset.is_in(source, generator) for source in lowered)
    ]


def candidates(presets: Iterable[Preset], key: str) -> tuple[Selector, ...]:
    """Return the selectors that presets have for a key of ``select``, each once, in their order."""
    return tuple(dict.fromkeys(one for preset in presets for one in preset.select.get(key, ())))


def how_known(presets: Iterable[Preset], key: str, selector: Selector) -> Known:
    """Return how surely the surest of the presets that have the selector is known."""
    ranks = list(HOW_KNOWN)
    found = (one.known for one in presets if selector in one.select.get(key, ()))
    return min(found, key=ranks.index, default="memory")
