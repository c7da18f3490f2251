"""What is known: URLs, captures, payloads, articles, walks and runs, in SQLite or PostgreSQL."""

from newsbot.ledger.ledger import KnownArticle, Ledger

__all__ = ["KnownArticle", "Ledger"]
