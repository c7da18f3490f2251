"""The ledger: URLs, aliases, captures, articles, walks, runs; in SQLite or PostgreSQL."""

from newsbot.ledger.aliases import Aliases
from newsbot.ledger.frontier import Frontier
from newsbot.ledger.landed import KnownArticle, LandedContent, LandedRuns

__all__ = ["KnownArticle", "Ledger"]


class Ledger(Frontier, Aliases, LandedContent, LandedRuns):
    """An open ledger, from ``Ledger.open``; safe for use from several threads."""
