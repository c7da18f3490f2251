"""A run's own log: what is logged while it runs goes into its snapshot too."""

import logging
from collections.abc import Iterable
from contextlib import suppress

from newsbot.errors import CaptureError
from newsbot.landing.spool import Spool
from newsbot.logs import formatter


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
