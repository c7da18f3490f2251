"""``newsbot``: the command line. Heavy parts are imported by the command that needs them."""

from newsbot.cli import (
    articles,
    crawling,
    exporting,
    history,
    reprocessing,
    scheduling,
    snapshots,
    verifying,
    watching,
)
from newsbot.cli.app import app, main

__all__ = [
    "app",
    "articles",
    "crawling",
    "exporting",
    "history",
    "main",
    "reprocessing",
    "scheduling",
    "snapshots",
    "verifying",
    "watching",
]
