"""What Scrapy writes to the log for each item."""

import logging
from typing import Any

from scrapy.logformatter import LogFormatter

from newsbot.models import Article


class QuietLogFormatter(LogFormatter):
    """Names an article by its URL instead of printing it whole."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Return one debug line an article."""
        if not isinstance(item, Article):
            return super().scraped(item, response, spider)
        return {"level": logging.DEBUG, "msg": "Article %(url)s", "args": {"url": item.url}}

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> Any:
        """Return one debug line an article that is not kept again, with the reason."""
        if not isinstance(item, Article):
            return super().dropped(item, exception, response, spider)
        return {
            "level": logging.DEBUG,
            "msg": "Not kept: %(url)s: %(why)s",
            "args": {"url": item.url, "why": exception},
        }
