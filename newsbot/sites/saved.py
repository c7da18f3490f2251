"""Sites without a seed: pages on any host, read by evidence alone.

They are ``saved``, of `newsbot save`, and those that imports are put under where no seed fits.
"""

from functools import cache
from typing import Final

from newsbot.sites.loading import site_of
from newsbot.sites.site import SAVED, Site

_SEED: Final = """\
# {what}: pages on any host, whatever they are.
name = "{name}"
title = "{title}"
kind = "publisher"
language = "en"
time_zone = "UTC"
hosts = ["*"]
recheck = []

[urls]
article = "(?!)"  # no address tells that a page is an article: its content decides

[archive]
requisites = "all"

[politeness]
max_body = 33554432  # bytes: reports and pictures are larger than articles
"""


@cache
def saved_site() -> Site:
    """Return the site under which saved pages land."""
    text = _SEED.format(what="The built-in site of `newsbot save`", name=SAVED, title="Saved pages")
    return site_of(text, "the built-in seed of `newsbot save`")


@cache
def seedless_site(name: str) -> Site:
    """Return a site of that name for imported pages that no seed is for.

    Raises:
        ConfigError: it is no name of a site.
    """
    text = _SEED.format(what="A site without a seed, for imports", name=name, title=name)
    return site_of(text, f"--site {name}")
