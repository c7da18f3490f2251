"""``scrapy crawl antara|publisher|aggregator`` as a command of Scrapy.

Scrapy imports this for every command, so what only a crawl needs is imported when it starts.
"""

import argparse
import gc
import logging
import signal
import sys
from typing import TYPE_CHECKING

from scrapy.commands import BaseRunSpiderCommand

from newsbot.crawl.options import ARGUMENTS
from newsbot.errors import ConfigError, LockHeld, NewsbotError
from newsbot.landing.outcome import ExitStatus

if TYPE_CHECKING:
    from newsbot.workers.pool import Pool

_COLLECT_AFTER = 10_000  # new objects; at Python's 700, collections took 4 % of a crawl's time


class Command(BaseRunSpiderCommand):
    """Crawls one site and lands the run; the exit status is the run's outcome."""

    requires_project = True
    _pool: "Pool"

    def syntax(self) -> str:
        """Return the arguments for --help."""
        return "[options] antara|publisher|aggregator"

    def short_desc(self) -> str:
        """Return the line for the list of commands."""
        return "Crawl a site into a dated snapshot"

    def long_desc(self) -> str:
        """Return the text of --help."""
        arguments = "; ".join(f"-a {name}=: {text}" for name, text in ARGUMENTS.items())
        return (
            "Crawl a site into a dated snapshot in NEWSBOT_STORE. "
            f"{arguments}. Example: scrapy crawl antara -a since=2025-02-01 -a until=2025-02-28. "
            "Exit status: 0 landed; 1 failed; 2 usage; 3 landed, but something is wrong; "
            "4 kept in the spool, not landed; 75 another crawl of the site is running."
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Start the workers here, so that they warm up while Scrapy and the crawl are loaded."""
        super().process_options(args, opts)
        gc.disable()  # until everything is loaded: none of it is garbage
        from newsbot.config import load_config  # noqa: PLC0415 - as this module's first lines say
        from newsbot.workers.pool import Pool, usual_size  # noqa: PLC0415 - as this module's first lines say

        try:
            size = load_config().workers
        except ConfigError:  # the crawl reports it
            size = 0
        self._pool = Pool(usual_size() if size is None else size)
        # Scrapy inspects the whole stack where it defines a deprecated class; here it is short.
        import scrapy.core.downloader.contextfactory  # noqa: F401, PLC0415 - as said above

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, land, print a summary and set the exit status; print user errors as one line."""
        for noisy in (
            "alembic",
            "botocore",
            "scrapy.addons",
            "scrapy.crawler",
            "scrapy.middleware",
        ):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        from newsbot.crawl.crawl import crawl  # noqa: PLC0415 - 0.8 s, while the workers get warm

        gc.enable()
        gc.freeze()  # loaded modules stay: no collection needs to scan them
        gc.set_threshold(_COLLECT_AFTER)  # a page makes some 200 objects that live for a while
        process = self.crawler_process
        if process is None:
            raise RuntimeError("Scrapy did not set the command up")
        try:
            self.exitcode = crawl(args, opts.spargs, process, self._pool)
        except NewsbotError as error:
            print(f"newsbot: {error}", file=sys.stderr)
            self.exitcode = _status_of(error)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # it has ended: its exit status says how
            self._pool.close()


def _status_of(error: NewsbotError) -> ExitStatus:
    if isinstance(error, ConfigError):
        return ExitStatus.USAGE
    if isinstance(error, LockHeld):
        return ExitStatus.LOCKED
    return ExitStatus.FAILED
