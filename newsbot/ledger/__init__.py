"""The ledger of what is known of URLs, articles and runs; in SQLite or PostgreSQL."""

from newsbot.ledger.aliases import Aliases
from newsbot.ledger.frontier import Frontier
from newsbot.ledger.landed import KnownArticle, LandedContent, LandedRuns
from newsbot.ledger.requisites import Requisites

__all__ = ["KnownArticle", "Ledger"]


class Ledger(Frontier, Aliases, LandedContent, LandedRuns, Requisites):
    """An open ledger, from ``Ledger.open``; safe for use from several threads."""
