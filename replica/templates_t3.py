"""T3, since 2024. No raw page was found: it is made from selectors alone, and marked so."""

from replica.chrome import Chrome
from replica.dates import printed
from replica.markup import (
    amp_link,
    attribute,
    body,
    byline,
    credit_line,
    json_ld,
    section_path,
    sidebar,
    tag_links,
    text,
)
from replica.story import SyntheticStory

SYNTHETIC = (
    "<!-- synthetic: no page of this template was seen, its elements are known by name only -->"
    '<meta name="synthetic" content="structure from selectors alone">'
)


def article(story: SyntheticStory, page: int, chrome: Chrome) -> str:
    """Return a text article; ``page`` counts from 1."""
    notice = ""
    if story.rights_notice:
        notice = f'<p class="text-muted small">{text(story.rights_notice)}</p>'
    content = (
        f"{body(story, page)}\n"
        f'<p class="text-muted mt-2 small">{byline(story)}</p>\n{notice}'
    )  # fmt: skip
    return _page(story, chrome, content)


def photo(story: SyntheticStory, chrome: Chrome) -> str:
    """Return a photograph; its caption is the text."""
    image = story.images[0]
    content = (
        f'<img class="img-fluid" src="{image.url}" alt="{attribute(story.title)}">'
        f"<p>{text(story.paragraphs[0])} {text(image.credit or '')}.</p>"
        f'<p class="text-muted mt-2 small">{text(story.copyright or "")}</p>'
    )
    return _page(story, chrome, content, has_figure=False)


def video(story: SyntheticStory, chrome: Chrome) -> str:
    """Return a video with its text, which ends with the crew."""
    dateline = story.dateline.raw if story.dateline else "ANTARA"
    crew = text(story.named("reporter"))
    content = (
        '<video id="videoplayer" controls><source type="video/mp4" '
        f'src="https://cdn.antaranews.com/video/{story.number}.mp4"></video>'
        f"<p>{dateline} - {text(story.paragraphs[0])} ({crew})</p>"
        f'<p class="text-muted mt-2 small">{text(story.copyright or "")}</p>'
    )
    return _page(story, chrome, content)


def infographic(story: SyntheticStory, chrome: Chrome) -> str:
    """Return one tall picture and a few words."""
    return _page(story, chrome, f"<p>{text(story.paragraphs[0])}</p>")


def _page(story: SyntheticStory, chrome: Chrome, content: str, *, has_figure: bool = True) -> str:
    title = text(story.title)
    figures = _figures(story) if has_figure else ""
    home, popular = ("Home", "Popular") if story.language == "en" else ("Beranda", "Terpopuler")
    return f"""<!DOCTYPE html>
<html lang="{story.language}"><head><meta charset="utf-8">{SYNTHETIC}
<title>{title} - ANTARA News</title>
<meta name="description" content="{attribute(story.teaser)}">
<meta property="og:title" content="{attribute(story.title)} - ANTARA News">
<meta property="og:url" content="{story.url}">
<link rel="canonical" href="{story.url}">{amp_link(story)}
{json_ld(story)}
</head><body>
{chrome.top}
<section class="wrap__section"><div class="container">
<ul class="breadcrumbs"><li class="breadcrumbs__item"><a href="https://{story.host}/">{home}</a></li>\
<li class="breadcrumbs__item"><a href="https://{story.host}/{section_path(story)}">\
{text(story.section)}</a></li></ul>
<div class="wrap__article-detail">
<div class="wrap__article-detail-title"><h1>{title}</h1></div>
<div class="wrap__article-detail-info"><ul class="list-inline">\
<li class="list-inline-item mr-2"><span class="text-secondary font-weight-normal">\
<i class="fa fa-clock-o"></i> {printed(story.published_at, story.language)}</span></li></ul></div>
{figures}
<div class="wrap__article-detail-content post-content">
{content}
</div>
<div class="blog-tags"><ul class="list-inline">{tag_links(story, "#")}</ul></div>
</div>
{sidebar(story.sidebar, popular)}
</div></section>
{chrome.bottom}
</body></html>"""


def _figures(story: SyntheticStory) -> str:
    return "".join(
        f'<div class="wrap__article-detail-image mt-4"><figure><img class="img-fluid" '
        f'src="{image.url}" alt="{attribute(story.title)}">'
        f"{f'<figcaption>{credit_line(image)}</figcaption>' if image.caption else ''}"
        "</figure></div>"
        for image in story.images
    )
