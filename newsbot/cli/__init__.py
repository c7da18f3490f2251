"""``newsbot``: the command line. Heavy parts are imported by the command that needs them."""

from newsbot.cli import (
    articles,
    configuration,
    crawl,
    exporting,
    health,
    init,
    reprocessing,
    runs,
    scheduling,
    snapshots,
    verifying,
)
from newsbot.cli.app import app, main

__all__ = [
    "app",
    "articles",
    "configuration",
    "crawl",
    "exporting",
    "health",
    "init",
    "main",
    "reprocessing",
    "runs",
    "scheduling",
    "snapshots",
    "verifying",
]
