"""News prose from word lists: one topic, one place and one cast of people for each story."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from replica.dates import MONTHS_EN, MONTHS_ID, in_text
from replica.names import firm, person, village
from replica.vocabulary import Language

_FIELD = re.compile(r"\{(\w+)\}")
_SENTENCES = (1, 1, 2, 2, 3)  # in a paragraph


class Prose:
    """Writes the parts of one story; the same random source gives the same story."""

    def __init__(self, rng: random.Random, words: Language, day: datetime) -> None:
        self._rng = rng
        self._words = words
        self.topic = rng.choice(words.topics)
        self.place = rng.choice(words.places)
        self.person = person(rng)
        self._person2 = person(rng)
        self._firm = firm(rng)
        self._office = rng.choice(self.topic.offices)
        self._post = rng.choice(self.topic.posts)
        self._villages = [village(rng) for _ in range(5)]
        self._day = day
        months = MONTHS_EN if words.code == "en" else MONTHS_ID
        pick = rng.choice
        self._fixed = {
            "office": self._office, "post": self._post, "place": self.place, "person": self.person,
            "short": self.person.split()[-1], "person2": self._person2, "firm": self._firm,
            "firm_short": " ".join(self._firm.split()[1:3]),
        }  # fmt: skip
        self._fields: dict[str, Callable[[], str]] = {
            "village": lambda: pick(self._villages[:2]),
            "village2": lambda: pick(self._villages[2:]),
            "thing": lambda: pick(self.topic.things),
            "thing2": lambda: pick(self.topic.things),
            "group": lambda: pick(self.topic.groups),
            "trouble": lambda: pick(self.topic.troubles),
            "act": lambda: pick(words.actions)[0],
            "done": lambda: pick(words.actions)[1],
            "noun": lambda: pick(words.actions)[2],
            "n": lambda: str(rng.randint(21, 990)),
            "m": lambda: str(rng.randint(12, 98)),
            "k": lambda: str(rng.randint(2, 19)),
            "pct": lambda: (
                f"{rng.randint(1, 60)}{',' if words.code == 'id' else '.'}{pick('123456789')}"
            ),
            "money": lambda: str(rng.randint(2, 870)),
            "month": lambda: pick(months),
            "day": lambda: pick(words.days),
            "date": lambda: in_text(day - timedelta(days=rng.randint(0, 3)), words.code),
            "unit": lambda: pick(words.units),
            "period": lambda: pick(words.periods),
            "told": lambda: pick(words.told),
            "says": lambda: pick(words.says),
            "opener": lambda: pick(words.openers),
            "clause": lambda: self._fill(pick(words.clauses)),
            "quote": lambda: _capital(self._fill(pick(words.quotes))),
            "reason": lambda: self._fill(pick(words.reasons)),
            "time": lambda: self._fill(pick(words.times)),
            "gain": lambda: self._fill(pick(words.gains)),
        }

    def title(self, *, trap: bool = False) -> str:
        """Return a headline; a trap has a word that boilerplate starts with."""
        patterns = self._words.trap_titles if trap else self._words.titles
        return _capital(self._fill(self._rng.choice(patterns)))

    def lead(self) -> str:
        """Return the first paragraph, without a dateline."""
        return " ".join(
            [self._sentence(self._words.leads), self.sentence()][: self._rng.randint(1, 2)]
        )

    def sentence(self) -> str:
        """Return a sentence."""
        return self._sentence(self._words.sentences)

    def paragraph(self) -> str:
        """Return one to three sentences."""
        return " ".join(self.sentence() for _ in range(self._rng.choice(_SENTENCES)))

    def trap(self) -> str:
        """Return a paragraph of real text that begins or ends like boilerplate."""
        return self._sentence(self._words.traps)

    def pull_quote(self) -> str:
        """Return a short quotation without a full stop at its end."""
        return self._sentence(self._words.pull_quotes)

    def caption(self) -> str:
        """Return a picture's caption with a full stop."""
        return f"{self._sentence(self._words.captions)}."

    def tags(self) -> tuple[str, ...]:
        """Return three to five tags."""
        return (*self.topic.tags, self.place.lower())[-self._rng.randint(3, 5) :]

    def person_name(self) -> str:
        """Return the name of another person."""
        return person(self._rng)

    def _sentence(self, patterns: tuple[str, ...]) -> str:
        return _capital(self._fill(self._rng.choice(patterns)))

    def _fill(self, pattern: str) -> str:
        return _FIELD.sub(self._value_of, pattern)

    def _value_of(self, match: re.Match[str]) -> str:
        name = match[1].removesuffix("_c")
        value = self._fixed[name] if name in self._fixed else self._fields[name]()
        return _capital(value) if match[1].endswith("_c") else value


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
