"""Article pages in the three templates of ANTARA, and the aggregator's.

T1 and T2 follow the structure of real pages; T3 is known from selectors alone, and pages in it say
so (a comment and a meta tag).
"""

# ruff: noqa: E501 - lines of HTML

import json
from html import escape

from newsbot.replica.story import AGGREGATOR, Copy, Story

_AD = "<script>(adsbygoogle = window.adsbygoogle || []).push({});</script>"
SYNTHETIC = (
    "<!-- synthetic: this template is known from selectors alone -->"
    '<meta name="newsbot-synthetic" content="T3">'
)


def article_page(story: Story, page: int, sidebar: str, padding: str) -> str:
    """The story's page, by its template and kind."""
    if story.kind != "article":
        return _media(story, sidebar)
    render = {"T1": _t1, "T2": _t2, "T3": _t3}[story.template]
    return render(story, page, sidebar, padding)


def related_line(title: str, url: str, wrap: str) -> str:
    """A "Baca juga" line: in a paragraph, in a span, or bare."""
    label = "Baca juga"
    link = f'<a href="{url}" title="{escape(title)}">{escape(title)}</a>'
    line = f"{label}: {link}"
    return {
        "p": f'<p><span class="baca-juga"><b>{line}</b></span></p>',
        "span": f'<span class="baca-juga">{line}</span>',
        "bare": f"<br>{line}<br>",
    }[wrap]


def _body(story: Story, page: int) -> str:
    """The text with its related links, in the story's way of making paragraphs."""
    paragraphs = [escape(text, quote=False) for text in story.page_paragraphs(page)]
    if page == 1 and story.dateline is not None:
        quote = escape(story.pull_quote or "") if story.glued_quote else ""
        paragraphs[0] = f"{quote}{escape(story.dateline)} {story.dash} {paragraphs[0]}"
    parts = []
    for position, text in enumerate(paragraphs):
        is_bare = story.style == "br" or (story.style == "mixed" and position % 2 == 0)
        parts.append(f"{text}<br><br>\n" if is_bare else f"<p>{text}</p>\n")
        if position == 1 and story.related:
            wrap = "p" if story.template == "T3" else "span"
            parts.append(_spoken(story, *story.related[0], wrap))
        if position == 3:
            parts.append(_AD)
    if page == story.pages:
        if story.credit:
            parts.append(f"<p>Sumber: {story.credit}</p>")
        tail = "p" if story.template == "T3" else "bare"
        parts += [_spoken(story, *related, tail) for related in story.related[1:]]
    elif story.pages > 1:
        parts.append(f"<p>Halaman berikut: {escape(story.page_paragraphs(page + 1)[0][:40])}</p>")
        parts.append(pager(story.url, page, story.pages))
    return "".join(parts)


def _spoken(story: Story, title: str, url: str, wrap: str) -> str:
    line = related_line(title, url, wrap)
    return line.replace("Baca juga", "Related news") if story.language == "en" else line


def pager(url: str, page: int, pages: int) -> str:
    """Numbers of pages and the way to the next one."""
    numbers = "".join(f'<li><a href="{url}?page={n}">{n}</a></li>' for n in range(1, pages + 1))
    forward = f'<li><a rel="next" href="{url}?page={page + 1}">&raquo;</a></li>'
    return f'<ul class="pagination pagination-sm">{numbers}{forward}</ul>'


def _names(story: Story, *roles: str) -> str:
    return "/".join(story.named(*roles))


def _json_ld(story: Story) -> str:
    """As on the real site: author is the editor, creator the reporter."""
    data = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "author": {"@type": "Person", "name": _names(story, "editor")},
        "creator": story.named("reporter", "translator"),
        "keywords": [story.tags],
        "publisher": {"@type": "Organization", "name": "ANTARA News"},
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def _t1(story: Story, page: int, sidebar: str, padding: str) -> str:
    iso = story.published.isoformat()
    title, is_empty = escape(story.title), story.number % 2 == 0
    canonical = "" if is_empty else story.url
    by = story.named("reporter")
    byline = f'Pewarta: <span itemprop="author">{_names(story, "reporter")}</span>' if by else ""
    translator = _names(story, "translator")
    quote = f"<blockquote>\n{escape(story.pull_quote)}</blockquote>" if story.pull_quote else ""
    editor = _names(story, "editor")
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html lang="id"><head><title>{title} - ANTARA News</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<link rel="canonical" href="{canonical}"><meta property="og:url" content="{canonical}">
<meta property="og:title" content="{title}" /><meta property="og:image" content="{story.image}"/>
<meta itemprop="datePublished" content="{iso}" />{_json_ld(story)}</head><body>{padding}
<div class="bjbrt" itemscope itemtype="http://schema.org/NewsArticle">
<h1 class="title" itemprop="headline"><strong>{title}</strong></h1>
<div class="date mt10"><time itemprop="datePublished" datetime="{iso}">{story.date_text}</time>
 | 1.093 Views</div>
<div class="byline">{byline}</div>
<div id="image_news"><img src="{story.image}" alt="{title}"/>
<div id="caption_news">{escape(story.caption or "")} ({story.photo_credit})</div></div>{quote}
<div id="content_news" itemprop="articleBody">
{_body(story, page)}
{f'<p class="mt10">Penerjemah: {translator}</p>' if translator else ""}
<p class="mt10">Editor: <span itemprop="editor">{editor}</span></p>
<p class="date">{story.copyright.replace("©", "&copy;")}</p>
<div style="width:336px"><ins class="adsbygoogle"></ins>{_AD}</div></div></div>
<div class="terkait_bottom"><div class="box_header">Berita Lainnya</div>
<a href="https://www.antaranews.com/berita//"></a>{sidebar}</div></body></html>"""


def _t2(story: Story, page: int, sidebar: str, padding: str) -> str:
    title = escape(story.title)
    quote = ""
    if story.pull_quote and not story.glued_quote:
        quote = f'<div class="quote_old">{escape(story.pull_quote)}</div>'
    lead = "Penerjemah" if story.named("translator") else "Pewarta"
    tags = "".join(f'<li><a href="/tag/{_slug(t)}">{t}</a></li>' for t in story.tags)
    return f"""<!DOCTYPE html><html lang="{story.language}"><head><title>{title} - ANTARA News</title>
<meta charset="utf-8"><link rel="canonical" href="{story.url}">
<meta property="og:title" content="{title}">{_json_ld(story)}</head><body>{padding}
<article class="post-wrapper clearfix"><header class="post-header clearfix">
<p class="simple-share"><a class="section" href="/{story.section.lower()}">{story.section}</a></p>
<h1 class="post-title">{title}</h1><p class="simple-share"><span class="article-date">
<i class="fa fa-clock-o"></i> {story.date_text}</span></p>
<figure class="image-overlay"><img data-src="{story.image}" alt="{title}"></figure>
<div class="wp-caption"><p class="wp-caption-text">{escape(story.caption or "")}
{story.photo_credit}</p></div>{quote}</header>
<div class="post-content clearfix font17">{_body(story, page)}</div>
<footer class="post-meta"><div class="tags-wrapper">{lead}: {_names(story, "reporter", "translator")}
<br>Editor :&nbsp;{_names(story, "editor")}<br>{story.copyright}</div>
<ul class="tags-widget clearfix">{tags}</ul></footer></article>
<aside>{sidebar}</aside></body></html>"""


def _t3(story: Story, page: int, sidebar: str, padding: str) -> str:
    title = escape(story.title)
    english = story.language == "en"
    lead = "Translator" if english else "Penerjemah"
    if not story.named("translator"):
        lead = "Reporter" if english else "Pewarta"
    notice = f'<p class="text-muted small">{story.notice}</p>' if story.notice else ""
    tags = "".join(f'<li><a href="/tag/{_slug(t)}">#{t}</a></li>' for t in story.tags)
    return f"""<!DOCTYPE html><html lang="{story.language}"><head>{SYNTHETIC}
<title>{title} - ANTARA News</title><meta charset="utf-8"><link rel="canonical" href="{story.url}">
<meta property="og:title" content="{title} - ANTARA News"><meta property="og:url" content="{story.url}">
<meta property="og:image" content="{story.image}">{_json_ld(story)}</head><body>{padding}
<ul class="breadcrumbs"><li class="breadcrumbs__item"><a href="/">Home</a></li>
<li class="breadcrumbs__item"><a href="/{story.section.lower()}">{story.section}</a></li></ul>
<div class="wrap__article-detail"><div class="wrap__article-detail-title"><h1>{title}</h1></div>
<div class="wrap__article-detail-info"><ul class="list-inline">
<li class="list-inline-item mr-2"><span class="text-secondary font-weight-normal">
<i class="fa fa-clock-o"></i> {story.date_text}</span></li></ul></div>
<div class="wrap__article-detail-image"><figure><img src="{story.image}" alt="{title}">
<figcaption>{escape(story.caption or "")} ({story.photo_credit})</figcaption></figure></div>
<div class="wrap__article-detail-content post-content">{_body(story, page)}
<p class="text-muted mt-2 small">{lead}: {_names(story, "reporter", "translator")}<br>
Editor: {_names(story, "editor")}<br>{story.copyright}</p>{notice}</div>
<div class="blog-tags"><ul>{tags}</ul></div></div><aside>{sidebar}</aside></body></html>"""


def _media(story: Story, sidebar: str) -> str:
    """Photo, video and infographic pages."""
    title, text = escape(story.title), escape(story.paragraphs[0], quote=False)
    if story.kind == "photo":
        block = f'<div class="flex-caption">{text} {story.photo_credit}</div>'
    elif story.kind == "video":
        crew = "/".join(story.named("reporter"))
        block = f'<div class="margin-top-15">ANTARA - {text} ({crew})</div>'
    else:
        block = f'<div class="post-content clearfix"><p>{text}</p></div>'
    return f"""<!DOCTYPE html><html lang="id"><head><title>{title} - ANTARA News</title>
<meta charset="utf-8"><link rel="canonical" href="{story.url}">
<meta property="og:title" content="{title}"></head><body><article>
<header class="post-header"><h1 class="post-title">{title}</h1>
<span class="article-date">{story.date_text}</span>
<figure class="image-overlay"><img data-src="{story.image}" alt="{title}"></figure></header>
{block}</article><aside>{sidebar}</aside></body></html>"""


def aggregator_page(copy: Copy, ago: str) -> str:
    """A re-post: the whole article with its related lines and footer, and the way to the original."""
    story = copy.story
    lines = [f"{story.dateline} {story.dash} {story.paragraphs[0]}", *story.paragraphs[1:]]
    if story.credit:
        lines.append(f"Sumber: {story.credit}")
    lines += [f"Baca juga: {title}" for title, _ in story.related]
    body = "".join(f"<p>{escape(line, quote=False)}</p>\n" for line in lines)
    lead = "Penerjemah" if story.named("translator") else "Pewarta"
    names = _names(story, "reporter", "translator")
    editor = _names(story, "editor")
    notice = f"<p>{story.notice}</p>" if story.notice else ""
    return f"""<!DOCTYPE html><html lang="id"><head><title>{escape(copy.title)} - Rakyat news</title>
<meta charset="utf-8"><link rel="canonical" href="{copy.url}"></head><body>
<header><a href="https://{AGGREGATOR}/">Rakyat news</a></header>
<article class="post"><h1 class="post-title">{escape(copy.title)}</h1>
<div class="post-info"><span class="ago">{ago}</span> <span class="count">1</span></div>
<div class="post-body">{body}<p>{lead}: {names}<br>Editor: {editor}<br>{story.copyright}</p>{notice}
<p><a class="read-more" href="{story.url}">Read Entire Article</a></p></div></article>
<footer>Rakyat news | | | |</footer></body></html>"""


def _slug(tag: str) -> str:
    return tag.replace(" ", "-")
