"""What the sites publish: stories with known title, day and text."""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from replica.names import person
from replica.prose import Prose
from replica.vocabulary import Language
from replica.words_en import ENGLISH
from replica.words_id import INDONESIAN

STORIES: Final = 60
_LANGUAGES: Final[dict[str, Language]] = {"en": ENGLISH, "id": INDONESIAN}
_FIRST: Final = datetime.fromisoformat("2025-02-03T00:20")  # on the clock of each site
_APART: Final = timedelta(hours=15, minutes=41)  # any hour of a day, over forty days


@dataclass(frozen=True, slots=True)
class Story:
    """One story as its newsroom wrote it; times are the site's own."""

    number: int
    slug: str
    title: str
    section: str
    tags: tuple[str, ...]
    author: str
    published: datetime
    modified: datetime | None
    paragraphs: tuple[str, ...]
    caption: str | None  # of its picture, where it has one

    @property
    def day(self) -> str:
        """The day of its publication where it was published, ISO 8601."""
        return self.published.date().isoformat()


def stories(language: str, zone: str, sections: tuple[str, ...], count: int) -> list[Story]:
    """Return the first stories of a site, the oldest first; no two have the same title."""
    made: list[Story] = []
    for number in range(1, count + 1):
        rng = random.Random(f"{zone}/{number}")
        published = (_FIRST + _APART * (number - 1)).replace(tzinfo=ZoneInfo(zone))
        prose = Prose(rng, _LANGUAGES[language], published)
        titles = {one.title for one in made}
        title = next(one for one in iter(prose.title, None) if one not in titles)
        made.append(
            Story(
                number=number,
                slug=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-"),
                title=title,
                section=sections[number % len(sections)],
                tags=prose.tags(),
                author=person(random.Random(f"{zone}/{number % 5}")),
                published=published,
                modified=published + timedelta(hours=50) if number % 7 == 0 else None,
                paragraphs=(prose.lead(), *(prose.paragraph() for _ in range(14))),
                caption=prose.caption() if number % 4 == 0 else None,
            )
        )
    return made
