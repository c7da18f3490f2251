"""Lists, tag pages, feeds, and the 404 page that is full of links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from newsbot.replica.story import ENGLISH, MONTHS, REGIONAL, Copy, Story
from newsbot.replica.templates import SYNTHETIC

PER_PAGE = 20
_UTM = "?utm_source=antaranews&amp;utm_medium=desktop&amp;utm_campaign=terkini"


def list_page(host: str, base: str, stories: Sequence[Story], page: int, now: datetime) -> str:
    """A page of links, newest first; 20 a page. Regional hosts still have the older template."""
    shown = stories[(page - 1) * PER_PAGE : page * PER_PAGE]
    render = _old_item if host == REGIONAL else _new_item
    items = "\n".join(render(story, now) for story in shown)
    pages = -(-len(stories) // PER_PAGE)
    forward = ""
    if page < pages:
        forward = f'<li><a rel="next" href="{base}/{page + 1}">&raquo;</a></li>'
    popular = sidebar(stories[-5:])
    return f"""<!DOCTYPE html><html lang="id"><head>{SYNTHETIC}
<title>Terkini - ANTARA News</title>
<meta charset="utf-8"></head><body><div class="wrapper__list__article wrap__list__article">
{items}</div><ul class="pagination">{forward}</ul><aside><h4>Terpopuler</h4>{popular}</aside>
</body></html>"""


def sidebar(stories: Sequence[Story]) -> str:
    """Links to other stories beside a page."""
    links = (f'<li><a href="{story.url}{_UTM}">{escape(story.title)}</a></li>' for story in stories)
    return f'<ul class="popular">{"".join(links)}</ul>'


def _new_item(story: Story, now: datetime) -> str:
    title = escape(story.title)
    return f"""<div class="card__post card__post-list card__post__transition mt-30">
<div class="row"><div class="card__post__body">
<div class="card__post__author-info mb-2"><ul class="list-inline">
<li class="list-inline-item"><span class="text-dark text-capitalize">
{list_date(story, now)}</span></li></ul></div><div class="card__post__content"><h2 class="h5">
<a href="{story.url}{_UTM}" title="{title}">{title}</a></h2>
<p>{escape(story.paragraphs[0][:120])} ...</p></div></div></div></div>"""


def _old_item(story: Story, now: datetime) -> str:
    title = escape(story.title)
    return f"""<article class="simple-post simple-big clearfix"><div class="simple-thumb">
<a href="{story.url}" title="{title}"><img data-src="{story.image}"></a></div><header>
<h3><a href="{story.url}" title="{title}">{title}</a></h3><p class="simple-share">
<a href="/{story.section.lower()}">{story.section}</a> <span>{list_date(story, now)}</span></p>
</header></article>"""


def list_date(story: Story, now: datetime) -> str:
    """The date as lists print it: minutes, hours, yesterday, or a day without a time."""
    at, english = story.published, story.language == "en"
    age = now - at
    if age < timedelta(hours=1):
        minutes = max(1, int(age.total_seconds() // 60))
        return f"{minutes} minutes ago" if english else f"{minutes} menit lalu"
    if now.astimezone(at.tzinfo).date() == at.date():
        hours = int(age.total_seconds() // 3600)
        return f"{hours} hours ago" if english else f"{hours} jam lalu"
    if now.astimezone(at.tzinfo).date() - at.date() == timedelta(days=1):
        return "yesterday" if english else f"Kemarin {at:%H:%M}"
    if english:
        return f"{at.day}th {at:%B %Y}"
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def feed(host: str, stories: Sequence[Story]) -> bytes:
    """RSS with the quirks of the real one: a line feed before the XML declaration, teasers with
    ``&#13;``, the 20 newest, guid equal to the link."""
    items = "".join(_feed_item(story) for story in stories[:PER_PAGE])
    title = "ANTARA News - Latest News" if host == ENGLISH else "ANTARA News - Berita Terkini"
    newest = _rfc822(stories[0].published) if stories else ""
    return f"""
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>{title}</title><description>News And Service</description>
<link>https://{host}</link><lastBuildDate>{newest}</lastBuildDate>{items}</channel></rss>""".encode()


def _feed_item(story: Story) -> str:
    teaser = escape(story.paragraphs[0][:150])
    image = escape(f'<img src="{story.image}" align="left" border="0">')
    return f"""<item><title>{escape(story.title)}</title><link>{story.url}</link>
<pubDate>{_rfc822(story.published)}</pubDate>
<description>{image}{teaser}&#13;
 ...</description><guid isPermaLink="false">{story.url}</guid></item>"""


def copies_feed(host: str, copies: Sequence[Copy]) -> bytes:
    """The aggregator's feed: plain RSS."""
    items = "".join(
        f"<item><title>{escape(copy.title)}</title><link>{copy.url}</link>"
        f"<pubDate>{_rfc822(copy.posted)}</pubDate></item>"
        for copy in copies[:PER_PAGE]
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Rakyat news</title><link>https://{host}/</link>{items}</channel>
</rss>""".encode()


def copies_page(copies: Sequence[Copy], page: int, now: datetime) -> str:
    """A page of the aggregator's list."""
    shown = copies[(page - 1) * PER_PAGE : page * PER_PAGE]
    items = "".join(
        f'<div class="post"><h2><a href="{copy.url}">{escape(copy.title)}</a></h2>'
        f"<span>{ago(copy.posted, now)}</span></div>"
        for copy in shown
    )
    return f"""<!DOCTYPE html><html lang="id"><head><title>Rakyat news</title><meta charset="utf-8">
</head><body><h1>Rakyat news</h1>{items}<footer>Rakyat news | | | |</footer></body></html>"""


def ago(at: datetime, now: datetime) -> str:
    """How the aggregator prints a time."""
    hours = max(1, int((now - at).total_seconds() // 3600))
    return f"{hours} hours ago" if hours < 24 else f"{hours // 24} days ago"


def not_found(stories: Sequence[Story]) -> str:
    """The page of a dead index: 404, and hundreds of links to articles that are no answer."""
    return f"<html><head><title>404</title></head><body>{sidebar(stories[:500])}</body></html>"


def _rfc822(at: datetime) -> str:
    return at.strftime("%a, %d %b %Y %H:%M:%S %z")
