"""The built-in site of ``newsbot save``: pages on any host, read by evidence alone."""

from functools import cache
from typing import Final

from newsbot.sites.loading import site_of
from newsbot.sites.site import Site

_SEED: Final = """\
# The built-in site of `newsbot save`: pages on any host, whatever they are.
name = "saved"
title = "Saved pages"
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
    return site_of(_SEED, "the built-in seed of `newsbot save`")
