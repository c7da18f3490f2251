"""All synthetic stories: made from a seed, the same every time; edited, added and removed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from newsbot.replica.story import ENGLISH, MAIN, REGIONAL, Copy, Story, Template
from newsbot.replica.words import REGIONS, Writer

WIB = timezone(timedelta(hours=7))
START = datetime(2026, 9, 30, 14, 0, 23, tzinfo=WIB)  # the newest story's time
SECTIONS = ("Politik", "Ekonomi", "Olahraga", "Humaniora", "Tekno", "Metro", "Dunia", "Hiburan")
_GAP = timedelta(minutes=17, seconds=11)  # between two stories of the main host
_TRAPS = (  # real text that looks like boilerplate
    "Editor majalah kampus itu, {person}, menyebut liputan warga sebagai kunci.",
    '"Sumber daya kita cukup," kata {person}, "asal dikelola bersama."',
    "Pemotretan di kawasan itu dilarang tanpa izin tertulis dari pengelola, kata {person}.",
)


class World:
    """The stories of all hosts.

    Args:
        articles: how many on the main host; the others have a tenth (at least 3) each, the
            aggregator a fifth.
        seed: the same seed gives the same stories.
        template: this template for all stories of the main host, and articles only.
        start: time of the newest story.
    """

    def __init__(
        self,
        articles: int = 300,
        seed: int = 7,
        template: Template | None = None,
        start: datetime = START,
    ) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - nothing secret is made with it
        self._template = template
        self.start = start
        self.version = 0  # counts changes, for caches
        self.stories: dict[str, list[Story]] = {MAIN: [], ENGLISH: [], REGIONAL: []}  # newest first
        fewer = max(3, articles // 10)
        for position in range(articles):
            self.stories[MAIN].append(self._story(MAIN, 4_680_000 - 3 * position, position))
        for position in range(fewer):
            self.stories[ENGLISH].append(self._story(ENGLISH, 415_000 - 2 * position, position))
            self.stories[REGIONAL].append(self._story(REGIONAL, 364_000 - 2 * position, position))
        for host in self.stories:
            self._relate(host)
        plain = [story for story in self.stories[MAIN] if story.kind == "article"]
        chosen = self._rng.sample(plain, min(len(plain), max(3, articles // 5)))
        self.copies = [self._copy(story, 9000 - i) for i, story in enumerate(chosen)]

    def truth(self) -> Iterator[dict[str, Any]]:
        """The ground truth of every story and copy that is there now."""
        for stories in self.stories.values():
            for story in stories:
                yield story.truth()
        for copy in self.copies:
            yield copy.truth()

    def find(self, url: str) -> Story:
        """The story at a canonical URL."""
        return next(
            story for stories in self.stories.values() for story in stories if story.url == url
        )

    def edit(self, url: str) -> Story:
        """Rewrite one paragraph of a story."""
        story = self.find(url)
        writer = Writer(self._rng, story.language)
        story.paragraphs[len(story.paragraphs) // 2] = writer.paragraph()
        story.version += 1
        self.version += 1
        return story

    def add(self, count: int) -> list[Story]:
        """Publish new stories on the main host."""
        added = []
        for _ in range(count):
            newest = self.stories[MAIN][0]
            story = self._story(MAIN, newest.number + 3, 0)
            story.published = newest.published + _GAP
            self.stories[MAIN].insert(0, story)
            added.append(story)
        self.version += 1
        return added

    def remove(self, url: str) -> None:
        """Take a story down."""
        story = self.find(url)
        self.stories[story.host].remove(story)
        self.version += 1

    # -- making stories ------------------------------------------------------------------------

    def _story(self, host: str, number: int, position: int) -> Story:
        rng = self._rng
        language = "en" if host == ENGLISH else "id"
        writer = Writer(rng, language)
        title = writer.headline()
        story = Story(
            host=host,
            kind=self._kind(host),
            number=number,
            slug="-".join(title.lower().replace("'", "").replace(":", "").split()),
            template=self._chosen_template(host),
            language=language,
            title=title,
            paragraphs=[writer.paragraph() for _ in range(rng.randint(8, 14))],
            published=self.start - _GAP * position,
            section=rng.choice(SECTIONS),
            tags=[f"{writer.place().lower()} {n}" for n in range(rng.randint(2, 4))],
            style=rng.choice(("p", "br", "mixed")),
        )
        if story.kind == "article":
            self._dress(story, writer)
        else:
            self._dress_media(story, writer)
        return story

    def _kind(self, host: str) -> str:
        if host != MAIN or self._template is not None or self._rng.random() < 0.85:
            return "article"
        return self._rng.choice(("photo", "video", "infographic"))

    def _chosen_template(self, host: str) -> Template:
        if host == REGIONAL:
            return "T2"
        if host == ENGLISH:
            return "T3"
        return self._template or _any_template(self._rng)

    def _dress(self, story: Story, writer: Writer) -> None:
        """Byline, dateline, quotes, credits, captions: what surrounds a text article."""
        rng = self._rng
        self._set_dateline(story)
        editor = writer.person()
        way = rng.random()
        if way < 0.1:
            story.authors = [(writer.person(), "translator"), (editor, "editor")]
            story.credit = rng.choice(("Anadolu", "Xinhua", "Sputnik/RIA Novosti"))
        elif way < 0.2:
            story.authors = [("Xinhua", "reporter"), (editor, "editor")]
        elif way < 0.25:
            story.authors = [("Tim JACX", "reporter"), (editor, "editor")]
            story.agency, story.dateline, story.place = "ANTARA/JACX", "(ANTARA/JACX)", None
            story.dash = "–"
        elif way < 0.35:
            first, second = writer.person(), writer.person()
            story.authors = [(first, "reporter"), (second, "reporter"), (editor, "editor")]
        elif way < 0.45 and story.template == "T2":
            story.authors = [(writer.person(), "reporter")]  # printed with an empty "Editor :"
        else:
            story.authors = [(writer.person(), "reporter"), (editor, "editor")]
        if rng.random() < 0.2 and story.template != "T3":
            story.pull_quote = writer.sentence()
            story.glued_quote = story.template == "T2" and rng.random() < 0.5
        if story.language == "id" and rng.random() < 0.3:
            trap = rng.choice(_TRAPS).format(person=writer.person())
            story.paragraphs.insert(rng.randint(2, len(story.paragraphs) - 2), trap)
        story.caption = writer.sentence()
        story.photo_credit = f"ANTARA FOTO/{writer.person()}/foc."
        if story.template != "T1" and rng.random() < 0.08:
            story.pages = rng.choice((2, 3))

    def _set_dateline(self, story: Story) -> None:
        rng = self._rng
        if story.language == "en" or rng.random() < 0.7:
            story.place = Writer(rng, "id").place()
        else:
            story.place = ", ".join(rng.choice(REGIONS))
        story.agency = "ANTARA News" if story.template == "T1" else "ANTARA"
        story.dateline = f"{story.place} ({story.agency})"
        story.dash = rng.choice(("-", "-", "–"))

    def _dress_media(self, story: Story, writer: Writer) -> None:
        rng = self._rng
        story.template = rng.choice(("T2", "T3"))
        story.style = "p"
        story.paragraphs = [" ".join(writer.sentence() for _ in range(4))]
        if story.kind == "photo":
            name = writer.person()
            story.authors = [(name, "photographer")]
            story.photo_credit = f"ANTARA FOTO/{name}/foc."
        elif story.kind == "video":
            story.authors = [(writer.person(), "reporter") for _ in range(3)]
            story.agency = story.dateline = "ANTARA"

    def _relate(self, host: str) -> None:
        stories = self.stories[host]
        for story in stories:
            if story.kind == "article":
                others = self._rng.sample(stories, min(len(stories), self._rng.randint(1, 4)))
                story.related = [(o.title, o.url) for o in others if o is not story]

    def _copy(self, story: Story, number: int) -> Copy:
        posted = story.published + timedelta(minutes=self._rng.randint(5, 90))
        title = story.title
        if self._rng.random() < 0.3:
            title = Writer(self._rng, "id").headline()
        return Copy(story, number, title, posted.astimezone(UTC))


def _any_template(rng: random.Random) -> Template:
    templates: tuple[Template, ...] = ("T1", "T2", "T3")
    return rng.choice(templates)
