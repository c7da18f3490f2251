"""Page in, Extraction out: pure functions, no I/O, no clock, one parse for each page."""

from newsbot.extract.article import VERSION as EXTRACTOR
from newsbot.extract.merge import merge
from newsbot.extract.reading import extract
from newsbot.extract.urls import article_id, canonical_url

__all__ = ["EXTRACTOR", "article_id", "canonical_url", "extract", "merge"]
