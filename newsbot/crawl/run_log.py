"""A run's own log: what is logged during the run becomes part of its snapshot."""

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
        """Append the record as a line."""
        with suppress(CaptureError):  # writing the next exchange fails too, and is reported
            self._spool.add("log", self.format(record))

    def close(self) -> None:
        """Remove the handler."""
        logging.getLogger().removeHandler(self)
        super().close()


class QuietLogFormatter(LogFormatter):
    """Logs the URL of an article instead of all of it."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Return one debug line for each article."""
        if not isinstance(item, Article):
            return super().scraped(item, response, spider)
        return {"level": logging.DEBUG, "msg": "Article %(url)s", "args": {"url": item.url}}

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> Any:
        """Return one debug line for each article that is not stored, with the reason."""
        if not isinstance(item, Article):
            return super().dropped(item, exception, response, spider)
        return {
            "level": logging.DEBUG,
            "msg": "Not stored: %(url)s: %(why)s",
            "args": {"url": item.url, "why": exception},
        }
