"""Stories that are hard to tell apart, and copies that are hard to find.

Different stories of one event share names, quotes and whole paragraphs of background; follow-ups
quote half of the story before; dailies are one template with other numbers; captions of one event
have a sentence in common. Everything is made up, in Indonesian, English and a language of no words.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from replica.dates import in_text
from replica.names import person, village
from replica.prose import Prose
from replica.words_en import ENGLISH
from replica.words_id import INDONESIAN
from tests.ledger.dailies import DAILIES_EN, DAILIES_ID, fill

DAY = datetime(2025, 2, 24, tzinfo=UTC)
KINDS = (
    "verbatim", "repunctuated", "excerpt", "edited", "retitled", "joined", "joined-two",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A text and which stories it tells: its own, or those that it copies."""

    name: str
    kind: str
    title: str
    paragraphs: tuple[str, ...]
    tells: frozenset[str]

    @property
    def text(self) -> str:
        """As an article has it."""
        return "\n\n".join(self.paragraphs)


def originals(seed: int, language: str, number: int) -> list[Told]:
    """So many different stories, at least, on related subjects."""
    rng = random.Random(f"{seed}/{language}")
    found: list[Told] = []
    makers: list[Callable[[random.Random, str], list[list[str]]]] = [
        _event, _event, _follow_ups, _dailies, _captions,
    ]  # fmt: skip
    while len(found) < number:
        maker = makers[len(found) % len(makers)]
        for paragraphs in maker(rng, language):
            name = f"{language}-{seed}-{len(found)}"
            kind = maker.__name__.strip("_")
            found.append(Told(name, kind, f"Judul {name}", tuple(paragraphs), frozenset({name})))
    return found


def copies(seed: int, stories: list[Told]) -> Iterator[Told]:
    """One copy of each story, of every kind in turn."""
    rng = random.Random(f"copies/{seed}")
    long = [story for story in stories if len(story.paragraphs) > 3]
    for number, story in enumerate(stories):
        kind = KINDS[number % len(KINDS)]
        other = rng.choice(long)
        if kind == "joined-two" and other is not story:
            parts = [story, other]
            rng.shuffle(parts)
            paragraphs = [p for part in parts for p in part.paragraphs]
            tells = story.tells | other.tells
        else:
            paragraphs, tells = copied(rng, kind, story), story.tells
        yield Told(f"{story.name}-{kind}", kind, f"Lain {number}", tuple(paragraphs), tells)


def copied(rng: random.Random, kind: str, story: Told) -> list[str]:
    """The story's paragraphs as such a copy has them."""
    paragraphs = list(story.paragraphs)
    if kind == "repunctuated":
        return [repunctuated(rng, paragraph) for paragraph in paragraphs]
    if kind == "excerpt" and len(paragraphs) > 3:
        start = rng.choice((0, 0, rng.randrange(len(paragraphs) - 2)))
        return paragraphs[start : start + 3]
    if kind == "edited":
        if len(paragraphs) > 2:
            del paragraphs[rng.randrange(len(paragraphs))]
        return edited(rng, paragraphs, 0.2)
    if kind.startswith("joined"):
        more = _foreign(rng, story.name.partition("-")[0])
        place = rng.choice((0, len(more)))
        return [*more[:place], *paragraphs, *more[place:]]
    return paragraphs


def repunctuated(rng: random.Random, text: str) -> str:
    """Other quotes, dashes and commas, as some editor or converter sets them."""
    style = rng.randrange(3)
    if style == 0:
        text = re.sub(r'"([^"]*)"', "\u201c\\1\u201d", text).replace(" - ", " \u2013 ")
        return text.replace("'", "\u2019").replace("-", "\u2013")
    if style == 1:
        return re.sub(r"[^\w\s]", "", text)
    return re.sub(r"[,;]", "", text).replace(". ", "; ").replace('"', "'")


def edited(rng: random.Random, paragraphs: list[str], share: float) -> list[str]:
    """So many of the words replaced, left out or added."""
    known = " ".join(paragraphs).split()
    changed = set(rng.sample(range(len(known)), round(len(known) * share)))
    style = rng.choice(("replace", "replace", "mixed"))
    place = iter(range(len(known)))

    def words(text: str) -> Iterator[str]:
        for word in text.split():
            if next(place) not in changed:
                yield word
                continue
            act = "replace" if style == "replace" else rng.choice(("replace", "drop", "add"))
            if act != "drop":
                yield rng.choice(known) if rng.random() < 0.5 else _invented(rng)
            if act == "add":
                yield word

    return [" ".join(words(paragraph)) for paragraph in paragraphs]


def _invented(rng: random.Random) -> str:
    return "".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(3))


class _Nowhere:
    """Sentences of invented words, with Zipf's few frequent ones, names and numbers."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._words = [_invented(random.Random(number)) for number in range(3000)]
        self._names = [_invented(rng).capitalize() for _ in range(12)]

    def sentence(self) -> str:
        rng = self._rng
        words = [self._word() for _ in range(rng.randint(9, 26))]
        words[0] = words[0].capitalize()
        return " ".join(words) + "."

    def _word(self) -> str:
        rng = self._rng
        if rng.random() < 0.12:
            return rng.choice(self._names)
        if rng.random() < 0.05:
            return str(rng.randint(2, 999))
        return self._words[min(int(rng.paretovariate(0.55)), len(self._words)) - 1]

    lead = sentence

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self._rng.randint(1, 3)))


def _writer(rng: random.Random, language: str) -> Prose | _Nowhere:
    if language == "xx":
        return _Nowhere(rng)
    return Prose(rng, ENGLISH if language == "en" else INDONESIAN, DAY)


def _foreign(rng: random.Random, language: str) -> list[str]:
    writer = _writer(rng, language)
    return [writer.lead(), *(writer.paragraph() for _ in range(rng.randint(2, 7)))]


def _event(rng: random.Random, language: str) -> list[list[str]]:
    """Stories of a running event: the same people, quotes and background."""
    writer = _writer(rng, language)
    background = [writer.paragraph() for _ in range(rng.randint(2, 4))]
    quotes = [writer.sentence() for _ in range(3)]
    stories = []
    for _ in range(rng.randint(4, 8)):
        own = [writer.lead(), *(writer.paragraph() for _ in range(rng.randint(2, 7)))]
        own.insert(rng.randint(1, len(own)), rng.choice(quotes))
        stories.append(own + background[: rng.randint(1, len(background))])
    return stories


def _follow_ups(rng: random.Random, language: str) -> list[list[str]]:
    """A story, and later ones that quote half of it below their own news."""
    writer = _writer(rng, language)
    first = [writer.lead(), *(writer.paragraph() for _ in range(rng.randint(5, 9)))]
    stories = [first]
    for _ in range(2):
        own = [writer.lead(), *(writer.paragraph() for _ in range(rng.randint(2, 4)))]
        stories.append(own + rng.sample(first, len(first) // 2))
    return stories


def _dailies(rng: random.Random, language: str) -> list[list[str]]:
    """One template over some days, or over several towns on one day."""
    words = ENGLISH if language == "en" else INDONESIAN
    template = rng.choice(DAILIES_EN if language == "en" else DAILIES_ID)
    first = DAY + timedelta(days=rng.randrange(300))
    towns, days = (1, 5) if rng.random() < 0.5 else (5, 1)
    stories = []
    for town in rng.sample(words.places, towns):
        stories += [fill(rng, template, town, first + timedelta(days=n)) for n in range(days)]
    return stories


def _captions(rng: random.Random, language: str) -> list[list[str]]:
    """Pictures of one event: some 40 words, of which the second sentence is the same."""
    if language == "xx":
        writer = _Nowhere(rng)
        shared = writer.sentence()
        return [[f"{writer.sentence()} {shared}"] for _ in range(4)]
    words = ENGLISH if language == "en" else INDONESIAN
    prose = Prose(rng, words, DAY)
    shared = prose.sentence()
    while not 12 <= len(shared.split()) <= 22:
        shared = prose.sentence()
    date = in_text(DAY, words.code)
    stories = []
    for _ in range(4):
        scene = prose.caption().rstrip(".")
        if words.code == "en":
            who = f"{scene}, as {person(rng)} of {village(rng)} looks on, {date}"
        else:
            who = f"{scene}, disaksikan {person(rng)} dari {village(rng)}, {date}"
        stories.append([f"{who}. {shared}"])
    return stories
