"""What is known: URLs, captures, payloads, articles, walks and runs, in SQLite or PostgreSQL."""

from newsbot.ledger.landed import KnownArticle
from newsbot.ledger.ledger import Ledger

__all__ = ["KnownArticle", "Ledger"]
