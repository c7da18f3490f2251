"""The word lists that a language needs so that stories can be written in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A beat: who acts, on what, for whom, and what goes wrong."""

    section: str
    offices: tuple[str, ...]
    posts: tuple[str, ...]
    things: tuple[str, ...]
    groups: tuple[str, ...]
    troubles: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """Word lists and sentence patterns; the patterns' fields are filled by ``prose``."""

    code: str
    topics: tuple[Topic, ...]
    actions: tuple[tuple[str, str, str], ...]
    """Each: what one does, what is done to a thing, the noun of it."""
    titles: tuple[str, ...]
    leads: tuple[str, ...]
    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    quotes: tuple[str, ...]
    pull_quotes: tuple[str, ...]
    traps: tuple[str, ...]
    trap_titles: tuple[str, ...]
    captions: tuple[str, ...]
    openers: tuple[str, ...]
    reasons: tuple[str, ...]
    times: tuple[str, ...]
    gains: tuple[str, ...]
    told: tuple[str, ...]
    says: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[str, ...]
    days: tuple[str, ...]
    places: tuple[str, ...]
    provinces: tuple[tuple[str, str], ...]
    abroad: tuple[str, ...]
