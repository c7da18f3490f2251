"""What is known: URLs, captures, payloads, articles, walks and runs, in SQLite or PostgreSQL."""

from newsbot.ledger.frontier import Frontier
from newsbot.ledger.landed import Known, KnownArticle, Runs

__all__ = ["KnownArticle", "Ledger"]


class Ledger(Frontier, Known, Runs):
    """The ledger, open. Use ``Ledger.open``; safe for use from several threads."""
