"""What the ledger knows of each site's chain, for those who check the archive."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from newsbot.archive.chain import Head
from newsbot.config import Config
from newsbot.ledger.ledger import Ledger


def known_heads(config: Config, sites: Iterable[str]) -> Iterator[Head]:
    """The newest landed run of each of the sites; none where there is no ledger (yet).

    Raises:
        LedgerError: there is one, and it cannot be read.
    """
    if not has_ledger(config):
        return
    with closing(Ledger.open(config.ledger_url)) as ledger:
        for site in sites:
            head = ledger.chain_head(site)
            if head is not None:
                yield Head(head[1], site, head[0])


def has_ledger(config: Config) -> bool:
    """Whether there is a ledger to open; asking makes none."""
    is_file = config.database_url is None
    return not is_file or Path(config.ledger_url.removeprefix("sqlite:///")).is_file()
