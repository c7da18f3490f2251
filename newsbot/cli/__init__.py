"""``newsbot``: the command line. The module of a command is imported when it is called."""

from newsbot.cli.app import app, main

__all__ = ["app", "main"]
