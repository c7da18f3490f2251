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
    if config.database_url is None and not _has_file(config.ledger_url):
        return
    with closing(Ledger.open(config.ledger_url)) as ledger:
        for site in sites:
            head = ledger.chain_head(site)
            if head is not None:
                yield Head(head[1], site, head[0])


def _has_file(url: str) -> bool:
    return Path(url.removeprefix("sqlite:///")).is_file()
