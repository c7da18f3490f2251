"""The desk: makes stories with the variations that ANTARA's pages have."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from newsbot.models import Author, Dateline, Image, Kind, Related
from replica.hosts import AGGREGATOR, ENGLISH, MAIN, REGIONAL
from replica.prose import Prose
from replica.story import BodyForm, QuoteForm, RelatedForm, SyntheticStory, Template, slug_of
from replica.vocabulary import Language
from replica.words_en import ENGLISH as EN
from replica.words_id import INDONESIAN as ID

NOTICE = (
    "Dilarang keras mengambil konten, melakukan crawling atau pengindeksan otomatis untuk AI di "
    "situs web ini tanpa izin tertulis dari Kantor Berita ANTARA."
)
NOTICE_ENGLISH = (
    "It is strictly prohibited to take content from this site, to crawl it or to index it for AI "
    "without written permission from ANTARA."
)
_AGENCIES = ("Anadolu", "Xinhua", "Yonhap", "WAFA", "Sputnik")
_KINDS: tuple[Kind, ...] = ("photo", "video", "infographic")
_QUOTE_FORMS: tuple[QuoteForm, ...] = ("block", "inline", "glued")


class Desk:
    """Makes one story from its own random source.

    ``earlier`` are the stories of the same host that it may link to, newest first; ``forced`` is
    the template for every story, and makes all of them text articles.
    """

    def __init__(
        self, rng: random.Random, host: str, at: datetime, earlier: Sequence[SyntheticStory],
        forced: Template | None = None,
    ) -> None:  # fmt: skip
        self._rng = rng
        self._host = host
        self._at = at
        self._earlier = earlier
        self._forced = forced
        self._words: Language = EN if host == ENGLISH else ID
        self._prose = Prose(rng, self._words, at)

    def story(self, number: int) -> SyntheticStory:
        """Return a new story."""
        rng, prose = self._rng, self._prose
        kind: Kind = "article"
        if self._forced is None and self._host != ENGLISH and rng.random() < 0.14:
            kind = rng.choice(_KINDS)
        title = prose.title(trap=rng.random() < 0.06)
        story = SyntheticStory(
            host=self._host,
            kind=kind,
            number=number,
            slug=slug_of(title),
            language=self._words.code,
            template=self._template(kind),
            title=title,
            paragraphs=(prose.lead(),),
            published_at=self._at,
            modified_at=self._at,
            section=prose.topic.section,
            tags=prose.tags(),
            has_json_ld=kind == "article" and rng.random() < 0.8,
            sidebar=self._links(8),
        )
        if kind == "photo":
            return self._photo(story)
        if kind == "video":
            return self._video(story)
        if kind == "infographic":
            return self._infographic(story)
        return self._article(story)

    def reissue(self, number: int, wire: SyntheticStory) -> SyntheticStory:
        """Return another host's version of a wire story, with its own headline and links."""
        title = self._prose.title()
        story = replace(
            wire,
            host=self._host, number=number, title=title, slug=slug_of(title),
            template=self._template("article"), published_at=self._at, modified_at=self._at,
            copy_of=wire.id, sidebar=self._links(8), page_starts=(), pull_quote=None,
            body_form=self._body_form("T2"), has_empty_canonical=False,
            byline_word="Pewarta", version=1,
        )  # fmt: skip
        return self._footer(self._related(story))

    # -- kinds ---------------------------------------------------------------------------------

    def _article(self, story: SyntheticStory) -> SyntheticStory:
        rng, prose = self._rng, self._prose
        body = [prose.paragraph() for _ in range(rng.randint(8, 13))]
        if rng.random() < 0.25:
            body.insert(rng.randint(1, len(body)), prose.trap())
        story = replace(
            story,
            paragraphs=(prose.lead(), *body),
            body_form=self._body_form(story.template),
            images=(self._image(story),) if rng.random() < 0.9 else (),
            has_empty_canonical=story.template == "T1" and rng.random() < 0.5,
            byline_word="Oleh" if story.template == "T1" and rng.random() < 0.3 else "Pewarta",
        )
        story = self._byline(self._dateline(story))
        story = self._quote(story)
        if story.template != "T1" and rng.random() < 0.08:
            size = len(story.paragraphs) // rng.choice((2, 3))
            story = replace(story, page_starts=tuple(range(size, len(story.paragraphs) - 2, size)))
        return self._footer(self._related(story))

    def _photo(self, story: SyntheticStory) -> SyntheticStory:
        name = self._prose.person_name()
        credit = f"ANTARA FOTO/{name}/{self._rng.choice(('foc', 'nym', 'wsj'))}"
        return replace(
            story,
            paragraphs=(self._prose.caption(),),
            authors=(Author(name=name, role="photographer"),),
            images=(Image(url=self._picture(story, "1200x800"), credit=credit),),
            copyright=f"COPYRIGHT © ANTARA {self._at.year}",
        )

    def _video(self, story: SyntheticStory) -> SyntheticStory:
        crew = tuple(
            Author(name=self._prose.person_name(), role="reporter")
            for _ in range(self._rng.randint(2, 3))
        )
        text = " ".join([self._prose.lead(), *(self._prose.sentence() for _ in range(3))])
        return replace(
            story,
            paragraphs=(text,),
            authors=crew,
            dateline=Dateline(place=None, agency="ANTARA", raw="ANTARA"),
            copyright=f"COPYRIGHT © ANTARA {self._at.year}",
        )

    def _infographic(self, story: SyntheticStory) -> SyntheticStory:
        return replace(
            story,
            paragraphs=(self._prose.paragraph(),),
            images=(Image(url=self._picture(story, "infografis/1140x2100")),),
        )

    # -- parts ---------------------------------------------------------------------------------

    def _template(self, kind: Kind) -> Template:
        if self._forced is not None:
            return self._forced
        if self._host == REGIONAL:
            return "T2"
        if self._host == ENGLISH:
            return "T3"
        old = 0.0 if kind != "article" else 0.2
        draw = self._rng.random()
        return "T1" if draw < old else "T2" if draw < 0.5 else "T3"

    def _body_form(self, template: Template) -> BodyForm:
        if template == "T1":
            return self._rng.choice(("br", "br", "div"))
        if template == "T2":
            return self._rng.choice(("br", "br", "mixed", "p"))
        return self._rng.choice(("p", "mixed", "mixed", "br"))

    def _dateline(self, story: SyntheticStory) -> SyntheticStory:
        rng = self._rng
        agency = "ANTARA News" if story.template == "T1" else "ANTARA"
        place, comma = self._prose.place, ""
        if rng.random() < 0.3:
            place = ", ".join(rng.choice(self._words.provinces))
            comma = "," if rng.random() < 0.2 else ""
        if rng.random() < 0.12:
            place = rng.choice(self._words.abroad)
        raw = f"{place}{comma} ({agency})"
        return replace(story, dateline=Dateline(place=place, agency=agency, raw=raw))

    def _byline(self, story: SyntheticStory) -> SyntheticStory:
        """Add authors: reporters, an agency, fact checkers, a translator, or an editor only."""
        rng, name = self._rng, self._prose.person_name
        editor = Author(name=name(), role="editor")
        first, second = (Author(name=name(), role="reporter") for _ in range(2))
        draw = rng.random()
        if draw < 0.1:
            translator = Author(name=name(), role="translator")
            place = rng.choice(self._words.abroad)
            agency = story.dateline.agency if story.dateline else None
            return replace(
                story,
                authors=(translator, editor),
                source_credit=rng.choice(_AGENCIES),
                dateline=Dateline(place=place, agency=agency, raw=f"{place} ({agency})"),
            )
        if draw < 0.16:
            return replace(story, authors=(Author(name="Xinhua", role="agency"), editor))
        if draw < 0.2 and self._host == MAIN and story.template != "T1":
            return replace(
                story,
                authors=(Author(name="Tim JACX", role="agency"), editor),
                dateline=Dateline(place=None, agency="ANTARA/JACX", raw="(ANTARA/JACX)"),
                dash="–",
            )
        if draw < 0.32:
            return replace(story, authors=(first, second, editor))
        if draw < 0.4:
            return replace(story, authors=(first,))
        if draw < 0.43:
            return replace(story, authors=(editor,))
        return replace(story, authors=(first, editor))

    def _quote(self, story: SyntheticStory) -> SyntheticStory:
        """Add a pull quote: in a block on T1; in a block, inline, or glued to the text on T2."""
        rng = self._rng
        if story.template == "T1" and rng.random() < 0.3:
            return replace(story, pull_quote=self._prose.pull_quote())
        if story.template == "T2" and rng.random() < 0.3:
            form = rng.choice(_QUOTE_FORMS)
            return replace(story, pull_quote=self._prose.pull_quote(), quote_form=form)
        return story

    def _related(self, story: SyntheticStory) -> SyntheticStory:
        """Add related lines: in the middle, and up to three in a row at the end."""
        rng = self._rng
        count = rng.choice((0, 1, 2, 3, 3, 4))
        found = self._links(count)
        last = len(story.paragraphs) - 1
        middle = [rng.randint(1, last // 2 + 1) for _ in found[3:]]
        if found and not middle and rng.random() < 0.4:
            middle = [rng.randint(1, last // 2 + 1)]
        after = [*middle, *([last] * (len(found) - len(middle)))]
        form: RelatedForm = "p" if story.template == "T3" else "bare"
        return replace(
            story,
            related=found,
            related_after=tuple(after),
            related_form=form if rng.random() < 0.5 else "span",
        )

    def _footer(self, story: SyntheticStory) -> SyntheticStory:
        word = "Copyright" if story.template == "T3" else "COPYRIGHT"
        notice = NOTICE_ENGLISH if story.language == "en" else NOTICE
        return replace(
            story,
            copyright=f"{word} © ANTARA {self._at.year}",
            rights_notice=notice if story.template == "T3" else None,
        )

    def _image(self, story: SyntheticStory) -> Image:
        credit = f"ANTARA FOTO/{self._prose.person_name()}/foc"
        if self._rng.random() < 0.3:
            credit = self._rng.choice(("ANTARA/Istimewa", "ANTARA/HO-Humas"))
        return Image(
            url=self._picture(story, "730x487"), caption=self._prose.caption(), credit=credit
        )

    def _picture(self, story: SyntheticStory, size: str) -> str:
        day = f"{self._at:%Y/%m/%d}"
        if story.template == "T1":
            return f"https://img.antaranews.com/new/{self._at:%Y/%m}/ori/{story.number}.jpg"
        suffix = self._rng.choice((".jpg", ".jpg", ".png"))
        return f"https://cdn.antaranews.com/cache/{size}/{day}/{story.number}{suffix}"

    def _links(self, count: int) -> tuple[Related, ...]:
        near = self._earlier[:150]
        chosen = self._rng.sample(range(len(near)), min(count, len(near)))
        return tuple(Related(title=near[one].title, url=near[one].url) for one in chosen)


def repost(rng: random.Random, wire: SyntheticStory, number: int, at: datetime) -> SyntheticStory:
    """Return the aggregator's copy: no pull quote or caption, sometimes other dashes and quotes."""
    paragraphs, dash = wire.paragraphs, wire.dash
    if rng.random() < 0.3:
        dash = "–"
        paragraphs = tuple(re.sub(r'"([^"]*)"', r"“\1”", text) for text in paragraphs)
    is_linked = rng.random() < 0.5
    related = tuple(one if is_linked else _unlinked(one) for one in wire.related)
    images = tuple(Image(url=image.url) for image in wire.images) if rng.random() < 0.5 else ()
    keeps_notice = rng.random() < 0.6
    return replace(
        wire,
        host=AGGREGATOR, number=number, template="aggregator", paragraphs=paragraphs, dash=dash,
        published_at=at, modified_at=at, has_json_ld=rng.random() < 0.33, pull_quote=None,
        images=images, related=related, page_starts=(), body_form="p", has_empty_canonical=False,
        rights_notice=wire.rights_notice if keeps_notice else None,
        original_url=wire.url, copy_of=wire.id, sidebar=(), version=1,
    )  # fmt: skip


def _unlinked(related: Related) -> Related:
    """Return the related line without its link."""
    return Related(title=related.title)
