"""List pages: twenty stories, the links around them, a pager; and the 404 page full of links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsbot.models import Related
from replica import chrome
from replica.dates import listed
from replica.markup import attribute, section_path, sidebar, text, tracked
from replica.story import SyntheticStory
from replica.templates_t2 import NAME
from replica.templates_t3 import SYNTHETIC

SIZE = 20


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. ``path`` is the list's; ``in_query``: pages are numbered in the query."""

    host: str
    path: str
    heading: str
    stories: Sequence[SyntheticStory]
    page: int
    has_more: bool
    in_query: bool
    now: datetime
    popular: Sequence[SyntheticStory]

    def url(self, page: int) -> str:
        """Return the address of another page of the list."""
        if page == 1:
            return f"https://{self.host}{self.path}"
        tail = f"?page={page}" if self.in_query else f"/{page}"
        return f"https://{self.host}{self.path.rstrip('/')}{tail}"

    def link(self, story: SyntheticStory) -> str:
        """Return a story's address as the site's lists write it, on the list's host."""
        campaign = "terkini" if self.path == "/terkini" else "latest_category"
        url = story.url
        if self.host.startswith("otomotif"):
            url = url.replace("https://www.", "https://otomotif.")
        return tracked(url, campaign)


def cut(stories: Sequence[SyntheticStory], page: int) -> tuple[Sequence[SyntheticStory], bool]:
    """Return the stories on a page of the list, and whether there are more."""
    start = (page - 1) * SIZE
    return stories[start : start + SIZE], len(stories) > start + SIZE


def t3(listing: Listing) -> str:
    """Return the page in the markup since 2024."""
    cards = "".join(_t3_card(listing, story) for story in listing.stories)
    content = f'<div class="wrapper__list__article"><h4>{text(listing.heading)}</h4>{cards}</div>'
    language = "en" if listing.host.startswith("en.") else "id"
    return _page(listing, language, SYNTHETIC, content, "pagination")


def t2(listing: Listing) -> str:
    """Return the page in the markup of 2018 to 2023."""
    cards = "".join(_t2_card(listing, story) for story in listing.stories)
    heading = f'<h3 class="block-title">{text(listing.heading)}</h3>'
    content = f'<section class="post-list">{heading}{cards}</section>'
    return _page(listing, "id", "", content, "pagination pagination-sm")


def not_found(host: str, stories: Sequence[SyntheticStory]) -> str:
    """Return a 404 page, which has more article links than any list."""
    cards = "".join(
        f'<div class="card__post"><h2 class="h5"><a href="{tracked(story.url, "terkini")}">'
        f"{text(story.title)}</a></h2></div>"
        for story in stories
    )
    return (
        f'<!DOCTYPE html><html lang="id"><head><meta charset="utf-8"><title>404 - {host}</title>'
        f"</head><body><h1>404</h1><p>Halaman tidak ditemukan</p>{cards}</body></html>"
    )


def _t3_card(listing: Listing, story: SyntheticStory) -> str:
    href, title = listing.link(story), attribute(story.title)
    at = listed(story.published_at, listing.now, story.language)
    shade = "text-secondary" if story.language == "en" else "text-dark text-capitalize"
    return (
        '<div class="card__post card__post-list card__post__transition mt-30"><div class="row">'
        f'<div class="col-md-5"><a href="{href}" title="{title}"><img alt="{title}" '
        f'src="https://cdn.antaranews.com/cache/350x233/{story.number}.jpg"></a></div>'
        '<div class="col-md-7"><div class="card__post__author-info mb-2"><ul class="list-inline">'
        f'<li class="list-inline-item"><span class="{shade}">{at}</span></li></ul></div>'
        f'<h2 class="h5"><a href="{href}" title="{title}">{text(story.title)}</a></h2>'
        f"<p>{text(story.teaser)}</p></div></div></div>"
    )


def _t2_card(listing: Listing, story: SyntheticStory) -> str:
    href, title = listing.link(story), attribute(story.title)
    at = listed(story.published_at, listing.now, story.language)
    kind = f'<p class="slug">{NAME[story.kind]}</p>' if NAME[story.kind] else ""
    return (
        f'<article class="simple-post simple-big clearfix"><div class="simple-thumb">'
        f'<a href="{href}" title="{title}"><img class="lazyload" alt="{title}" '
        f'data-src="https://cdn.antaranews.com/cache/255x170/{story.number}.jpg"></a></div>{kind}'
        f'<header><p class="simple-share"><a href="https://{listing.host}/'
        f'{section_path(story)}">{text(story.section)}</a> <span>{at}</span></p>'
        f'<h3><a href="{href}" title="{title}">{text(story.title)}</a></h3></header></article>'
    )


def _page(listing: Listing, language: str, head: str, content: str, pager_class: str) -> str:
    around = chrome.plain(listing.host, language)
    popular = sidebar(
        (Related(title=one.title, url=one.url) for one in listing.popular[:8]), "Terpopuler"
    )
    return f"""<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8">{head}
<title>{text(listing.heading)} - ANTARA News</title></head><body>
{around.top}
{content}
{_pager(listing, pager_class)}
{popular}
{around.bottom}
</body></html>"""


def _pager(listing: Listing, css: str) -> str:
    items = [f'<li class="page-item active"><span>{listing.page}</span></li>']
    if listing.page > 1:
        items.insert(
            0, f'<li class="page-item"><a href="{listing.url(listing.page - 1)}">&laquo;</a></li>'
        )
    if listing.has_more:
        url = listing.url(listing.page + 1)
        items.append(
            f'<li class="page-item"><a rel="next" href="{url}">{listing.page + 1}</a></li>'
        )
        items.append(f'<li class="page-item"><a rel="next" href="{url}">&raquo;</a></li>')
    return f'<ul class="{css}">{"".join(items)}</ul>'
