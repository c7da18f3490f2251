"""All synthetic stories: the same for the same seed; they can be edited, added and removed."""

import json
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from replica.alter import with_other_number
from replica.dates import WIB
from replica.desk import Desk, repost
from replica.hosts import AGGREGATOR, ENGLISH, MAIN, REGIONAL, SITES
from replica.prose import Prose
from replica.story import SyntheticStory, Template
from replica.words_en import ENGLISH as EN
from replica.words_id import INDONESIAN as ID

NEWEST = datetime(2026, 9, 30, 14, 0, 23, tzinfo=WIB)
_SHARES = {MAIN: 1.0, REGIONAL: 0.2, ENGLISH: 0.15}  # of n, for all but the first host
_FEWEST = 3
_FIRST_NUMBERS = {MAIN: 4_680_000, REGIONAL: 364_000, ENGLISH: 415_000, AGGREGATOR: 9_000}
_COPIED = 0.35  # of the main host's text articles
_REISSUED = 0.25  # of the regional host's stories


class World:
    """The stories of all hosts.

    Args:
        seed: the same seed gives the same stories.
        n: number of stories of the first host; the others have fewer, in addition.
        newest: time of the newest story (aware). The server's clock, from which lists print ages,
            is five minutes later; edits and additions advance it.
        start: time of the oldest story; without it stories are about thirteen minutes apart.
        hosts: those that have stories, of ``hosts.SITES``.
        template: the template of every story; all are text articles then.
        page_bytes: pad article pages to about this size.
    """

    def __init__(
        self,
        seed: int = 7,
        n: int = 300,
        *,
        newest: datetime = NEWEST,
        start: datetime | None = None,
        hosts: Sequence[str] = tuple(SITES),
        template: Template | None = None,
        page_bytes: int = 0,
    ) -> None:
        unknown = set(hosts) - set(SITES)
        if unknown or not set(hosts) - {AGGREGATOR}:
            raise ValueError(f"hosts: {sorted(unknown) or 'none'}; choose from {', '.join(SITES)}")
        self.now = newest.astimezone(WIB) + timedelta(minutes=5)
        self.page_bytes = page_bytes
        self.version = 0
        self._seed = seed
        self._hosts = tuple(host for host in _SHARES if host in hosts)
        self._has_copies = AGGREGATOR in hosts
        self._template = template
        self._count = 0
        self._numbers = dict(_FIRST_NUMBERS)
        self._by_host: dict[str, list[SyntheticStory]] = {
            host: [] for host in SITES
        }  # oldest first
        self._by_id: dict[str, SyntheticStory] = {}
        self._former: dict[str, list[SyntheticStory]] = {}  # as they were before each edit
        plan = self._plan(n)
        for host, at in zip(plan, self._times(len(plan), start), strict=True):
            self._make(host, at)
        self.changed_at = max((one.modified_at for one in self._by_id.values()), default=self.now)
        self.popular: tuple[SyntheticStory, ...] = tuple(
            self._random("popular").sample(list(self._by_id.values()), min(60, len(self._by_id)))
        )

    # -- reading -------------------------------------------------------------------------------

    def on(self, host: str) -> list[SyntheticStory]:
        """Return a host's stories, newest first."""
        return self._by_host[host][::-1]

    def by_number(self, host: str, number: int) -> SyntheticStory | None:
        """Return the host's story with that number, whatever its kind."""
        stories = self._by_host[host]
        position = bisect_left(stories, number, key=lambda story: story.number)
        if position < len(stories) and stories[position].number == number:
            return stories[position]
        return None

    def find(self, wanted: str) -> SyntheticStory:
        """Return the story with that id, or at that canonical URL.

        Raises:
            KeyError: there is none.
        """
        if wanted in self._by_id:
            return self._by_id[wanted]
        for story in self._by_id.values():
            if story.url == wanted:
                return story
        raise KeyError(wanted)

    def truth(self) -> Iterator[dict[str, Any]]:
        """Yield the ground truth of every current story and copy, by host, newest first."""
        for host in SITES:
            for story in self.on(host):
                yield story.truth()

    def write_truth(self, path: Path) -> None:
        """Write the ground truth as JSON Lines."""
        with path.open("w", encoding="utf-8") as file:
            for one in self.truth():
                file.write(json.dumps(one, ensure_ascii=False) + "\n")

    # -- changing ------------------------------------------------------------------------------

    def edit(self, wanted: str) -> SyntheticStory:
        """Rewrite a story's middle paragraph, and every third time its headline."""
        old = self.find(wanted)
        words = EN if old.language == "en" else ID
        prose = Prose(self._random(f"{old.id}/{old.version}"), words, old.published_at)
        self._tick(timedelta(minutes=1))
        paragraphs = list(old.paragraphs)
        paragraphs[len(paragraphs) // 2] = prose.paragraph()
        new = replace(
            old,
            paragraphs=tuple(paragraphs),
            title=prose.title() if old.version % 3 == 0 else old.title,
            version=old.version + 1,
            modified_at=self.now,
        )
        return self._replace(old, new)

    def revise(self, wanted: str) -> SyntheticStory:
        """Change a number in a story's text, but not its time of change: a silent edit.

        Raises:
            KeyError: there is no such story.
            ValueError: there is no number to change in its text.
        """
        old = self.find(wanted)
        self._tick(timedelta(minutes=1))
        paragraphs = with_other_number(old.paragraphs)
        return self._replace(old, replace(old, paragraphs=paragraphs, version=old.version + 1))

    def restore(self, wanted: str) -> SyntheticStory:
        """Take back a story's last edit: its page is the former one again, byte for byte.

        Raises:
            KeyError: there is no such story.
            ValueError: it has not been edited.
        """
        edited = self.find(wanted)
        former = self._former.get(edited.id)
        if not former:
            raise ValueError(f"{edited.id} has not been edited")
        self._tick(timedelta(minutes=1))
        return self._put(edited, former.pop())

    def repost_altered(self, wanted: str) -> SyntheticStory:
        """Let the aggregator publish a copy of a story with a number changed and a sentence added.

        Raises:
            KeyError: there is no such story.
            ValueError: there is no number to change in its text.
        """
        wire = self.find(wanted)
        self._tick(timedelta(minutes=1))
        rng = self._random(f"altered/{wire.id}")
        prose = Prose(rng, EN if wire.language == "en" else ID, wire.published_at)
        copy = repost(rng, wire, self._next_number(rng, AGGREGATOR), self.now)
        *rest, last = with_other_number(wire.paragraphs)
        self._add(replace(copy, paragraphs=(*rest, f"{last} {prose.sentence()}"), dash=wire.dash))
        return self._by_host[AGGREGATOR][-1]

    def add(self, n: int) -> list[SyntheticStory]:
        """Publish new stories on the first host; the aggregator may copy them."""
        added: list[SyntheticStory] = []
        for _ in range(n):
            self._tick(timedelta(minutes=7))
            added.append(self._make(self._hosts[0], self.now - timedelta(seconds=41)))
        return added

    def remove(self, wanted: str) -> SyntheticStory:
        """Take a story down; links to it stay, as on real sites."""
        story = self.find(wanted)
        self._tick(timedelta(minutes=1))
        self._by_host[story.host].remove(story)
        del self._by_id[story.id]
        return story

    # -- making --------------------------------------------------------------------------------

    def _random(self, name: str) -> random.Random:
        return random.Random(f"{self._seed}/{name}")  # noqa: S311 - not for secrets

    def _tick(self, step: timedelta) -> None:
        self.now += step
        self.changed_at = self.now
        self.version += 1

    def _plan(self, n: int) -> list[str]:
        """Return the host of each story, in the order of publication."""
        plan = [self._hosts[0]] * n
        for host in self._hosts[1:]:
            plan += [host] * max(_FEWEST, int(n * _SHARES[host]))
        self._random("plan").shuffle(plan)
        return plan

    def _times(self, n: int, start: datetime | None) -> list[datetime]:
        """Return the times of publication, oldest first."""
        rng, newest = self._random("times"), self.now - timedelta(minutes=5)
        gaps = [rng.randint(30, 1530) for _ in range(n)]
        if start is not None:
            span = int((newest - start).total_seconds())
            total = max(1, sum(gaps[:-1]))
            gaps = [gap * span // total for gap in gaps]
        times: list[datetime] = []
        at = newest
        for gap in gaps:
            times.append(at)
            at -= timedelta(seconds=gap)
        return times[::-1]

    def _make(self, host: str, at: datetime) -> SyntheticStory:
        rng = self._random(str(self._count))
        self._count += 1
        desk = Desk(rng, host, at, self._by_host[host][-150:], self._template)
        number = self._next_number(rng, host)
        wires = [one for one in self._by_host[MAIN][-10:] if one.kind == "article"]
        if host == REGIONAL and wires and rng.random() < _REISSUED:
            story = desk.reissue(number, rng.choice(wires))
        else:
            story = desk.story(number)
        self._add(story)
        if self._has_copies and self._is_copied(story, rng):
            posted = min(at + timedelta(minutes=rng.randint(4, 50)), self.now)
            self._add(repost(rng, story, self._next_number(rng, AGGREGATOR), posted))
        return story

    def _is_copied(self, story: SyntheticStory, rng: random.Random) -> bool:
        if story.kind != "article" or story.language != "id":
            return False
        return (story.host == MAIN or MAIN not in self._hosts) and rng.random() < _COPIED

    def _next_number(self, rng: random.Random, host: str) -> int:
        self._numbers[host] += rng.randint(1, 4)
        return self._numbers[host]

    def _replace(self, old: SyntheticStory, new: SyntheticStory) -> SyntheticStory:
        self._former.setdefault(old.id, []).append(old)
        return self._put(old, new)

    def _put(self, old: SyntheticStory, new: SyntheticStory) -> SyntheticStory:
        stories = self._by_host[old.host]
        stories[stories.index(old)] = self._by_id[old.id] = new
        return new

    def _add(self, story: SyntheticStory) -> None:
        self._by_host[story.host].append(story)
        self._by_id[story.id] = story
