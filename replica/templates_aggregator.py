"""The aggregator: whole articles of others, each ending with a link to the original.

Only the text of one such page is known, not its software, so the markup is generic and marked as
synthetic.
"""

from collections.abc import Sequence
from datetime import datetime

from replica.dates import ago
from replica.hosts import AGGREGATOR
from replica.markup import attribute, opening, related_line, text, word
from replica.story import SyntheticStory

NAME = "Rakyat news"
_SYNTHETIC = (
    "<!-- synthetic: only the text of such a page is known -->"
    '<meta name="synthetic" content="structure made up around a known text">'
)


def article(story: SyntheticStory, now: datetime) -> str:
    """Return a copy: title, age, text with "Baca juga" lines, byline, copyright, original."""
    time = ""
    if story.has_json_ld:
        iso = story.published_at.isoformat()
        time = f'<meta property="article:published_time" content="{iso}">'
    pictures = "".join(f'<figure><img src="{image.url}"></figure>' for image in story.images)
    lines = "\n\n".join(f"<p>{line}</p>" for line in _lines(story))
    content = (
        f"<article><h1>{text(story.title)}</h1>\n"
        f"<div>{ago(story.published_at, now)} <span>{story.number % 3}</span></div>\n"
        f'<div class="entry">{pictures}\n{lines}\n'
        f'<p><a href="{story.original_url}" rel="nofollow">Read Entire Article</a></p>'
        "</div></article>"
    )
    head = f'<link rel="canonical" href="{story.url}">{time}'
    return _page(story.title, head, content)


def listing(stories: Sequence[SyntheticStory], page: int, now: datetime, *, has_more: bool) -> str:
    """Return a page of titles with their ages."""
    items = "".join(
        f'<li><h2><a href="{one.url}">{text(one.title)}</a></h2>'
        f"<div>{ago(one.published_at, now)}</div><p>{text(one.teaser)}</p></li>"
        for one in stories
    )
    more = (
        f'<a rel="next" href="https://{AGGREGATOR}/page/{page + 1}">Older</a>' if has_more else ""
    )
    return _page(NAME, "", f"<ul>{items}</ul><nav>{more}</nav>")


def _lines(story: SyntheticStory) -> list[str]:
    """Return the paragraphs of the copy."""
    lines: list[str] = []
    last = len(story.paragraphs) - 1
    for position, paragraph in enumerate(story.paragraphs):
        lines.append((opening(story) if position == 0 else "") + text(paragraph))
        if position == last and story.source_credit:
            lines.append(f"{word(story, 'source')}: {text(story.source_credit)}")
        lines += [
            related_line(story, one)
            for one, after in zip(story.related, story.related_after, strict=True)
            if after == position
        ]
    bylines = [
        f"{label}: {text(names)}"
        for label, names in (
            ("Pewarta", story.named("reporter")),
            ("Penerjemah", story.named("translator")),
            ("Editor", story.named("editor")),
        )
        if names
    ]
    lines.append("<br>".join([*bylines, text(story.copyright or "")]))
    if story.rights_notice:
        lines.append(text(story.rights_notice))
    return lines


def _page(title: str, head: str, content: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8">{_SYNTHETIC}<title>{attribute(title)} - {NAME}</title>
{head}</head><body>
<header><a href="https://{AGGREGATOR}/">{NAME}</a></header>
{content}
<footer>{NAME} | | | |</footer>
</body></html>"""
