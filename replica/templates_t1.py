"""T1, ANTARA's article page to 2017; its structure is known from real pages."""

from replica.chrome import Chrome
from replica.dates import printed
from replica.markup import AD_BLOCK, attribute, body, credit_line, json_ld, text, tracked
from replica.story import SyntheticStory


def article(story: SyntheticStory, _page: int, chrome: Chrome) -> str:
    """Return the page; this template has no further pages."""
    title = attribute(story.title)
    canonical = "" if story.has_empty_canonical else story.url
    iso = story.published_at.isoformat()
    tags = attribute(", ".join(story.tags))
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="id">
<head>
<title>{text(story.title)} - ANTARA News</title>
<meta name="keywords" content="{tags}" />
<meta name="description" content="{attribute(story.teaser)}" />
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<link rel="canonical" href="{canonical}" />
<meta property="og:title" content="{title}" />
<meta property="og:url" content="{canonical}" />
<meta itemprop="datePublished" content="{iso}" />
{json_ld(story)}
</head><body>
{chrome.top}
<div class="outside"><div class="pagewrapper"><div class="main">
<div class="bjbrt" itemscope itemtype="http://schema.org/NewsArticle">
<h1 class="title" itemprop="headline"><strong>{text(story.title)}</strong></h1>
<div class="date mt10"><time itemprop="datePublished" datetime="{iso}">\
{printed(story.published_at, "id")}</time> | 1.{story.number % 900 + 100} Views</div>
<span itemprop="inLanguage" style="display:none">id</span>
<span itemprop="keywords" style="display:none">{tags}</span>
{_byline(story)}
<div class="pbrt">{_picture(story)}<div class="cl"></div></div>
{_quote(story)}
<div id="content_news" itemprop="articleBody">
{body(story)}
{_footer(story)}
{AD_BLOCK}<div class="cl"></div>
</div>
<div class="cl"></div></div>
<div class="terkait_bottom mt10"><div class="box_header">Berita Lainnya</div>{_others(story)}</div>
</div></div></div>
{chrome.bottom}
</body></html>"""


def _byline(story: SyntheticStory) -> str:
    """Return the byline above the text; "Oleh" is the older label of a reporter."""
    names = story.named("reporter")
    if not names:
        return ""
    colon = ":" if story.byline_word == "Pewarta" else ""
    return (
        f'<div class="byline">{story.byline_word}{colon} '
        f'<span itemprop="author">{text(names)}</span></div>'
    )


def _picture(story: SyntheticStory) -> str:
    return "".join(
        f'<div id="image_news"><img src="{image.url}" alt="{attribute(story.title)}" '
        f'class="img_default" /><div id="caption_news">{credit_line(image)}</div></div>'
        for image in story.images
    )


def _quote(story: SyntheticStory) -> str:
    if not story.pull_quote:
        return ""
    return f"<blockquote>\n{text(story.pull_quote)}</blockquote>"


def _footer(story: SyntheticStory) -> str:
    """Return translator, editor and copyright, which are within the text's element."""
    translator, editor = story.named("translator"), story.named("editor")
    lines = [f'<p class="mt10">Penerjemah: {text(translator)}</p>'] if translator else []
    if editor:
        lines.append(f'<p class="mt10">Editor: <span itemprop="editor">{text(editor)}</span></p>')
    holder, year = "ANTARA", story.published_at.year
    lines.append(
        '<p class="date">COPYRIGHT &copy; '
        f'<span itemprop="copyrightHolder">{holder}</span> '
        f'<span itemprop="copyrightYear">{year}</span></p>'
    )
    return "\n".join(lines)


def _others(story: SyntheticStory) -> str:
    """Return related stories, and one link with an empty address, as on the real page."""
    cards = [
        f'<div class="topbox"><h3 itemprop="name"><a itemprop="relatedLink" href="'
        f'{tracked(one.url or "", "related_news")}" title="{attribute(one.title)}">'
        f"{text(one.title)}</a></h3></div>"
        for one in story.sidebar
    ]
    cards.append(
        '<div class="topbox2"><h3><a href="https://www.antaranews.com/berita//"></a></h3></div>'
    )
    return "".join(cards)
