"""What Scrapy's own commands need in a project whose components belong to a run.

``scrapy shell``, ``fetch`` and ``view`` record nothing: there is no run, no spool and no ledger.
"""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from newsbot.errors import ConfigError

if TYPE_CHECKING:
    from scrapy.commands import ScrapyCommand as _Command
else:
    _Command = object

_OF_A_RUN: Final = "newsbot.crawl.middlewares."


class WithoutRun(_Command):
    """A command whose requests belong to no run, with politeness and guard as in a crawl."""

    def process_options(self, args: list[str], opts: Namespace) -> None:
        """Leave out what needs a run; ``-s`` wins."""
        super().process_options(args, opts)
        if self.settings is not None:
            _leave_out_the_run(self.settings)


def _leave_out_the_run(settings: Settings) -> None:
    from newsbot.config import load_config  # noqa: PLC0415 - Scrapy imports this for each command

    try:
        config = load_config()
    except ConfigError as error:
        raise UsageError(str(error)) from error
    middlewares = settings.getdict("SPIDER_MIDDLEWARES")
    kept = {name: order for name, order in middlewares.items() if not name.startswith(_OF_A_RUN)}
    settings.set("SPIDER_MIDDLEWARES", kept, priority="spider")
    settings.set("ITEM_PIPELINES", {}, priority="spider")
    if config.private_addresses:
        settings.set("PRIVATE_ADDRESSES", True, priority="spider")
    if config.contact:
        agent = f"{settings['USER_AGENT']} (+{config.contact})"
        settings.set("USER_AGENT", agent, priority="spider")
