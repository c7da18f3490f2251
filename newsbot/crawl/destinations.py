"""Where a request may be led by a redirect or a refresh."""

from typing import Final
from urllib.parse import urlsplit

from newsbot.extract import canonical_url
from newsbot.sites.site import Site

_ON_SITE: Final = ("article", "next_page", "list")  # feeds may stand elsewhere, and robots.txt
_FRONT_PAGES: Final = ("", "/", "/index.html", "/index.htm", "/index.php")


class Destinations:
    """Judges addresses that a page of the site leads to instead of its content."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lists = frozenset(canonical_url(url, site) for url in site.start_urls)
        self._paths = frozenset(urlsplit(url).path for url in self._lists)

    def is_off_site(self, role: str | None, url: str) -> bool:
        """Return whether the address is on a host that pages in the role may not be on."""
        return role in _ON_SITE and not self._site.owns(url)

    def refusal(self, role: str | None, url: str) -> str | None:
        """Return why a page in the role is not looked for at the address; None if it is."""
        if self.is_off_site(role, url):
            return "redirect-off-site"
        if role in ("article", "next_page") and self._is_list(url):
            return "redirect-to-list"
        return None

    def _is_list(self, url: str) -> bool:
        """Return whether the address is the front page, or a page of the seed's lists or feeds."""
        if self._site.reads_query and self._site.is_article(url):
            return False  # /?p=12 is no front page
        path = urlsplit(url).path
        if path in _FRONT_PAGES or canonical_url(url, self._site) in self._lists:
            return True
        return path in self._paths and not self._site.is_article(url)  # /news/?page=2
