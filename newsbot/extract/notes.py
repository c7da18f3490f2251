"""Notes of an extraction in words: what an operator does about them."""

from typing import Final

_REMEDIES: Final = {
    "feed-not-json-feed": "it is JSON, but no JSON Feed: write it under [[lists]], with json",
    "feed-not-xml": "it is neither RSS, Atom nor JSON Feed: correct the address in feeds",
    "list-items-not-found": "its items are not where the seed says: adapt items of [[lists]]",
    "list-not-json": "it is no JSON: leave json out of [[lists]], or correct the address",
    "sitemap-among-feeds": "it is a sitemap: write it under sitemaps",
    "list-too-long": "only its first 10,000 items are read",
    "feed-too-long": "only its first 10,000 items are read",
    "sitemap-too-long": "only its first 50,000 addresses are read, as the protocol allows",
    "sitemap-not-xml": "it is no sitemap: correct the address in sitemaps",
}


def explain(note: str) -> str:
    """Return a note of an extraction with its remedy, where there is one."""
    return f"{note} ({_REMEDIES[note]})" if note in _REMEDIES else note
