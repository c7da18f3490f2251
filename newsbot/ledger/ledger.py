"""The ledger: all that the next crawl must know, in one database.

Its queries stand by subject: URLs and walks in ``frontier``, articles and records in ``known``,
runs in ``runs``. ``ingest`` fills it from landed runs.
"""

from newsbot.ledger.frontier import Frontier
from newsbot.ledger.landed import Known
from newsbot.ledger.runs import Runs


class Ledger(Frontier, Known, Runs):
    """The ledger, open. Use ``Ledger.open``; safe for use from several threads."""
