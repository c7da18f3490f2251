"""The ledger of URLs, captures, payloads, articles, walks and runs, in SQLite or PostgreSQL."""

from newsbot.ledger.frontier import Frontier
from newsbot.ledger.landed import KnownArticle, LandedContent, LandedRuns

__all__ = ["KnownArticle", "Ledger"]


class Ledger(Frontier, LandedContent, LandedRuns):
    """An open ledger, from ``Ledger.open``; safe for use from several threads."""
