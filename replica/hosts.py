"""The hosts that the replica answers for, and how each writes its addresses."""

from typing import Final

from newsbot.models import Kind

MAIN: Final = "www.antaranews.com"
ENGLISH: Final = "en.antaranews.com"
REGIONAL: Final = "megapolitan.antaranews.com"
AGGREGATOR: Final = "rakyatnews.example"
MOBILE: Final = "m.antaranews.com"
THEMATIC: Final = "otomotif.antaranews.com"

SITES: Final = {
    MAIN: "antara",
    ENGLISH: "antara-en",
    REGIONAL: "antara-megapolitan",
    AGGREGATOR: "rakyatnews",
}
"""Hosts with stories of their own, and the name of each one's seed."""

ALIASES: Final = {
    "antaranews.com": MAIN,
    MOBILE: MAIN,
    THEMATIC: MAIN,
    "www.rakyatnews.example": AGGREGATOR,
}
"""Hosts that show another's stories under the same numbers."""

SCRIPTED: Final = "layar.antaranews.example"  # the main host's stories, made by scripts
ADS: Final = "iklan.example"
ASSETS: Final = "aset.antaranews.com"  # style sheets, fonts, icons: with assets
TRACKER: Final = "www.google-analytics.com"  # a pixel on every page: with assets
PICTURES: Final = ("cdn.antaranews.com", "img.antaranews.com")
ALL: Final = (*SITES, *ALIASES, *PICTURES, SCRIPTED, ADS, ASSETS, TRACKER)

PATHS: Final[dict[Kind, str]] = {
    "article": "berita",
    "photo": "foto",
    "video": "video",
    "infographic": "infografik",
}
PATHS_ENGLISH: Final[dict[Kind, str]] = {**PATHS, "article": "news"}


def series_host(host: str) -> str:
    """Return the host whose stories a host shows; itself if it is no alias."""
    return ALIASES.get(host, host)
