"""A run's own log: what is logged while it runs goes into its snapshot too."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from scrapy.logformatter import LogFormatter

from newsbot.errors import CaptureError
from newsbot.landing.spool import Spool
from newsbot.logs import formatter
from newsbot.models import Article


class RunLog(logging.Handler):
    """Writes each line to the spool's ``log`` journal, as JSON, without secrets."""

    def __init__(self, spool: Spool, secrets: Iterable[str]) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(formatter("json", secrets))
        self._spool = spool
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Append the line."""
        with suppress(CaptureError):  # the next exchange cannot be written either, and says so
            self._spool.add("log", self.format(record))

    def close(self) -> None:
        """Log there no more."""
        logging.getLogger().removeHandler(self)
        super().close()


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
