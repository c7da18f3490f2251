"""RSS as ANTARA writes it, with its quirks: 20 items, teasers only, carriage returns, invalid XML.

Two forms are known from real feeds: of 2015 (a line feed before the XML declaration, escaped
descriptions, ``&#13;``) and of 2020 (CDATA, ``isPermaLink="false"``). Links in them are canonical.
"""

from collections.abc import Sequence

from replica.dates import rfc822
from replica.hosts import AGGREGATOR
from replica.markup import text
from replica.story import SyntheticStory

SIZE = 20


def of_2015(stories: Sequence[SyntheticStory], host: str, title: str) -> str:
    """Return the feed of 2015: starts with a line feed, some teasers have carriage returns."""
    items = "".join(
        f"""
    <item>
      <title>{text(story.title)}</title>
      <link>{story.url}</link>
      <pubDate>{rfc822(story.published_at)}</pubDate>
      <description>{text(_picture(story))}{_with_returns(story)}</description>
      <guid>{story.url}</guid>
    </item>"""
        for story in stories[:SIZE]
    )
    return f"""
<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/css" href="https://{host}/css/feed.css"?>
<rss version="2.0">
  <channel>
    <title>{title}</title>
    <description>News And Service</description>
    <link>https://{host}</link>
    <language>{_language(stories)}</language>
    <copyright>ANTARA News</copyright>
    <lastBuildDate>{_newest(stories)}</lastBuildDate>{items}
  </channel>
</rss>
"""


def of_2020(stories: Sequence[SyntheticStory], host: str, title: str, path: str) -> str:
    """Return the feed of 2020: tabs, CDATA, and a guid that is not a permalink."""
    items = "".join(
        f"""
\t<item>
\t  <title>{text(story.title)}</title>
\t  <link>{story.url}</link>
\t  <pubDate>{rfc822(story.published_at)}</pubDate>
\t  <description><![CDATA[{_picture(story)}{story.teaser}]]></description>
\t  <guid isPermaLink="false">{story.url}</guid>
\t</item>"""
        for story in stories[:SIZE]
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">
  <channel>
\t<title>{title}</title>
\t<description>News And Service</description>
\t<link>https://{host}</link>
\t<language>{_language(stories)}</language>
\t<lastBuildDate>{_newest(stories)}</lastBuildDate>
\t<atom:link href="https://{host}{path}" rel="self" type="application/rss+xml"/>{items}
  </channel>
</rss>
"""


def of_aggregator(stories: Sequence[SyntheticStory]) -> str:
    """Return the aggregator's feed, with its own addresses and times of posting."""
    items = "".join(
        f"<item><title>{text(story.title)}</title><link>{story.url}</link>"
        f"<pubDate>{rfc822(story.published_at)}</pubDate>"
        f'<guid isPermaLink="true">{story.url}</guid>'
        f"<description><![CDATA[{story.teaser}]]></description></item>\n"
        for story in stories[:SIZE]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>Rakyat news</title><link>https://{AGGREGATOR}/</link>\n{items}</channel></rss>\n"
    )


def _picture(story: SyntheticStory) -> str:
    if not story.images or story.number % 4 == 0:
        return ""
    return f'<img src="{story.images[0].url}" align="left" border="0">'


def _with_returns(story: SyntheticStory) -> str:
    teaser = text(story.teaser)
    if story.number % 3 == 0:
        return teaser.replace(". ", ".&#13;\n&#13;\n", 1).replace("\n&#13;\n ", "&#13;\n     ")
    return teaser.replace(" ...", " &amp;nbsp;...") if story.number % 5 == 0 else teaser


def _language(stories: Sequence[SyntheticStory]) -> str:
    return stories[0].language if stories else "id"


def _newest(stories: Sequence[SyntheticStory]) -> str:
    return rfc822(stories[0].published_at) if stories else ""
