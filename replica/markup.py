"""HTML fragments that the templates share: the text with its insertions, tags, JSON-LD."""

import json
from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from newsbot.models import Image, Related
from replica.hosts import MAIN, MOBILE, REGIONAL
from replica.story import SyntheticStory, slug_of

AD = "<script>\n(adsbygoogle = window.adsbygoogle || []).push({});\n</script>"
AD_BLOCK = (
    '<div style="width:336px;margin:10px auto;"><ins class="adsbygoogle" style="display:block"'
    f' data-ad-client="ca-pub-0000000000000000" data-ad-slot="1234567890"></ins>{AD}</div>'
)
_AD_AFTER = 3  # paragraphs
_WORDS = {
    "id": {
        "related": "Baca juga", "next": "Halaman berikut", "source": "Sumber",
        "reporter": "Pewarta", "translator": "Penerjemah",
    },
    "en": {
        "related": "Related news", "next": "Next page", "source": "Source",
        "reporter": "Reporter", "translator": "Translator",
    },
}  # fmt: skip


def text(value: str) -> str:
    """Return the text escaped for an element's content; quotation marks stay as they are."""
    return escape(value, quote=False)


def attribute(value: str) -> str:
    """Return the text escaped for an attribute in double quotation marks."""
    return escape(value)


def word(story: SyntheticStory, what: str) -> str:
    """Return a label in the story's language."""
    return _WORDS[story.language][what]


def opening(story: SyntheticStory) -> str:
    """Return the dateline with its dash, after a pull quote that is glued to the text or inline."""
    if story.dateline is None:
        return ""
    quote = ""
    if story.pull_quote and story.quote_form == "glued":
        quote = text(story.pull_quote)
    elif story.pull_quote and story.quote_form == "inline":
        quote = f'<span class="quote_old">{text(story.pull_quote)}</span>'
    return f"{quote}{text(story.dateline.raw)} {story.dash} "


def related_line(story: SyntheticStory, one: Related) -> str:
    """Return "Baca juga: T"; the title is a link where there is an address."""
    title = text(one.title)
    if one.url is not None:
        title = f'<a href="{one.url}" title="{attribute(one.title)}">{title}</a>'
    return f"{word(story, 'related')}: {title}"


def body(story: SyntheticStory, page: int = 1) -> str:
    """Return the text of one page with ads, related lines, source credit and pager."""
    pieces: list[str] = []
    for position in story.page_range(page):
        paragraph = text(story.paragraphs[position])
        if position == 0:
            paragraph = opening(story) + paragraph
        elif story.template in ("T1", "T2") and (story.number + position) % 9 == 0:
            paragraph = f"{paragraph.replace(' ', '&nbsp;', 1)}&nbsp;"
        pieces.append(_paragraph(story, position, paragraph))
        if position == _AD_AFTER and story.template in ("T2", "T3"):
            pieces.append(AD)
        if position == len(story.paragraphs) - 1 and story.source_credit:
            credit = f"{word(story, 'source')}: {text(story.source_credit)}"
            pieces.append(_paragraph(story, position, credit))
        pieces += [
            _related(story, related_line(story, one))
            for one, after in zip(story.related, story.related_after, strict=True)
            if after == position
        ]
    if story.pages > 1:
        pieces.append(_pager(story, page))
    return "\n".join(pieces)


def _paragraph(story: SyntheticStory, position: int, html: str) -> str:
    form = story.body_form
    if form == "mixed":
        form = "p" if position % 2 else "br"
    if form == "p":
        return f"<p>{html}</p>"
    if form == "div":
        style = "font-family: Tahoma; font-size: 13px;"
        return f'<div style="{style}">{html}</div><div><br /></div>'
    return f"{html}<br><br>"


def _related(story: SyntheticStory, line: str) -> str:
    if story.related_form == "p":
        return f'<p><span class="baca-juga"><b>{line}</b></span></p>'
    if story.related_form == "span":
        return f'<span class="baca-juga">{line}</span><br><br>'
    return f"<b>{line}</b><br><br>"


def _pager(story: SyntheticStory, page: int) -> str:
    """Return links to all pages, and the heading of the next one."""
    lines: list[str] = []
    if page < story.pages:
        coming = story.paragraphs[story.page_starts[page - 1]]
        heading = " ".join(coming.split()[:5])
        lines.append(f"<p>{word(story, 'next')}: {text(heading)}</p>")
    numbers = "".join(
        f'<li class="active"><span>{number}</span></li>' if number == page
        else f'<li><a href="{page_url(story, number)}">{number}</a></li>'
        for number in range(1, story.pages + 1)
    )  # fmt: skip
    if page < story.pages:
        numbers += f'<li><a rel="next" href="{page_url(story, page + 1)}">&raquo;</a></li>'
    return "\n".join([*lines, f'<ul class="pagination pagination-sm">{numbers}</ul>'])


def page_url(story: SyntheticStory, page: int) -> str:
    """Return the address of one of the story's pages."""
    return story.url if page == 1 else f"{story.url}?page={page}"


def byline(story: SyntheticStory, *, spaced: bool = False, keeps_editor: bool = False) -> str:
    """Return "Pewarta: A/B<br>Editor: C<br>COPYRIGHT …"; regional hosts write "Pewarta : A".

    With ``keeps_editor`` the editor's label is printed without a name too, as on T2.
    """
    colon = " :" if spaced else ":"
    lines = [
        f"{word(story, role)}{colon} {text(names)}"
        for role, names in (
            ("reporter", story.named("reporter")), ("translator", story.named("translator")),
        ) if names
    ]  # fmt: skip
    if editor := story.named("editor"):
        lines.append(f"Editor{colon} {text(editor)}")
    elif keeps_editor:
        lines.append("Editor :&nbsp;")
    lines.append(text(story.copyright or ""))
    return "<br>\n".join(lines)


def credit_line(image: Image) -> str:
    """Return caption and credit as printed under a picture."""
    return f"{text(image.caption or '')} {text(image.credit or '')}.".strip()


def tag_links(story: SyntheticStory, before: str = "") -> str:
    """Return list items with links to the pages of the story's tags."""
    return "".join(
        f'<li><a href="https://{story.host}/tag/{slug_of(tag)}" title="{attribute(tag)}">'
        f"{before}{text(tag)}</a></li>"
        for tag in story.tags
    )


def json_ld(story: SyntheticStory) -> str:
    """Return JSON-LD as on the real site: ``author`` is the editor, ``creator`` the reporter."""
    if not story.has_json_ld:
        return ""
    data = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.modified_at.isoformat(),
        "image": [image.url for image in story.images],
        "author": {"@type": "Person", "name": story.named("editor")},
        "creator": [story.named("reporter", "translator")],
        "keywords": [list(story.tags)],
        "articleSection": story.section,
        "publisher": {"@type": "Organization", "name": "ANTARA News"},
    }
    packed = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{packed}</script>'


def amp_link(story: SyntheticStory) -> str:
    """Return the link to the AMP variant; the main host's variants are on the mobile host."""
    url = story.url.replace(f"https://{MAIN}/", f"https://{MOBILE}/amp/")
    if story.host == REGIONAL:
        url = story.url.replace(f"https://{REGIONAL}/", f"https://{REGIONAL}/amp/")
    return f'<link rel="amphtml" href="{url}">' if url != story.url else ""


def section_path(story: SyntheticStory) -> str:
    """Return the section's name in addresses."""
    return slug_of(story.section)


def tracked(url: str, campaign: str) -> str:
    """Return the address as ANTARA's own lists and sidebars write it."""
    query = {"utm_source": "antaranews", "utm_medium": "desktop", "utm_campaign": campaign}
    return f"{url}?{urlencode(query).replace('&', '&amp;')}"


def sidebar(links: Iterable[Related], heading: str) -> str:
    """Return the list of most read stories beside the text."""
    items = "".join(
        f'<div class="card__post card__post-list"><h3><a href="'
        f'{tracked(one.url or "", "popular_right")}" title="{attribute(one.title)}">'
        f"{text(one.title)}</a></h3></div>"
        for one in links
    )
    return f'<aside class="wrapper__list-popular"><h4>{heading}</h4>{items}</aside>'
