"""T2, of 2018 to 2023 and later on regional hosts; known from a fragment of a real page."""

from newsbot.models import Image
from replica.chrome import Chrome
from replica.dates import printed
from replica.hosts import REGIONAL
from replica.markup import (
    amp_link,
    attribute,
    body,
    byline,
    credit_line,
    json_ld,
    sidebar,
    tag_links,
    text,
)
from replica.story import SyntheticStory

NAME = {"photo": "Foto", "video": "Video", "infographic": "Infografik", "article": ""}


def article(story: SyntheticStory, page: int, chrome: Chrome) -> str:
    """Return a text article; ``page`` counts from 1."""
    quote = ""
    if story.pull_quote and story.quote_form == "block":
        quote = f'<div class="clearfix"></div><div class="quote_old">{text(story.pull_quote)}</div>'
    return _page(
        story,
        chrome,
        header="".join(_figure(story, image) for image in story.images) + quote,
        content=f'<div class="post-content clearfix font17">{body(story, page)}</div>',
        footer=_footer(story, byline(story, spaced=story.host == REGIONAL, keeps_editor=True)),
    )


def photo(story: SyntheticStory, chrome: Chrome) -> str:
    """Return a photograph; its caption is the text."""
    image = story.images[0]
    slide = (
        f'<div class="flexslider"><div class="flex-caption">{text(story.paragraphs[0])} '
        f"{text(image.credit or '')}.</div></div>"
    )
    footer = _footer(story, text(story.copyright or ""))
    return _page(story, chrome, _figure(story, image), slide, footer)


def video(story: SyntheticStory, chrome: Chrome) -> str:
    """Return a video with its text, which ends with the crew."""
    dateline = story.dateline.raw if story.dateline else "ANTARA"
    crew = text(story.named("reporter"))
    player = (
        '<video id="videoplayer" controls><source type="video/mp4" '
        f'src="https://cdn.antaranews.com/video/{story.number}.mp4"></video>'
    )
    content = f'<div class="margin-top-15">{dateline} - {text(story.paragraphs[0])} ({crew})</div>'
    return _page(story, chrome, player, content, _footer(story, text(story.copyright or "")))


def infographic(story: SyntheticStory, chrome: Chrome) -> str:
    """Return one tall picture and a few words."""
    content = f'<div class="post-content clearfix"><p>{text(story.paragraphs[0])}</p></div>'
    return _page(story, chrome, _figure(story, story.images[0]), content, _footer(story, ""))


def _page(story: SyntheticStory, chrome: Chrome, header: str, content: str, footer: str) -> str:
    title = text(story.title)
    return f"""<!DOCTYPE html>
<html lang="{story.language}"><head><meta charset="utf-8">
<title>{title} - ANTARA News{" Megapolitan" if story.host == REGIONAL else ""}</title>
<meta name="description" content="{attribute(story.teaser)}">
<meta property="og:title" content="{attribute(story.title)}">
<meta property="og:url" content="{story.url}">
<link rel="canonical" href="{story.url}">{amp_link(story)}
<meta property="article:section" content="{attribute(story.section)}">
{json_ld(story)}
</head><body>
{chrome.top}
<article class="post-wrapper clearfix">
<header class="post-header clearfix"><h1 class="post-title">{title}</h1>
<p class="simple-share"><span class="article-date"><i class="fa fa-clock-o"></i> \
{printed(story.published_at, story.language)}</span></p>
{header}</header>
{content}
{footer}
</article>
{sidebar(story.sidebar, "Terpopuler")}
{chrome.bottom}
</body></html>"""


def _figure(story: SyntheticStory, image: Image) -> str:
    """Return a figure whose picture is loaded lazily, from ``data-src``."""
    caption = ""
    if image.caption:
        caption = (
            f'<div class="wp-caption"><p class="wp-caption-text">{credit_line(image)}</p></div>'
        )
    return (
        f'<figure class="image-overlay"><img class="lazyload" data-src="{image.url}" '
        f'alt="{attribute(story.title)}"></figure>{caption}'
    )


def _footer(story: SyntheticStory, lines: str) -> str:
    return (
        f'<footer class="post-meta"><div class="tags-wrapper">{lines}</div>'
        f'<ul class="tags-widget clearfix">{tag_links(story)}</ul></footer>'
    )
