"""The fixtures of a small closed run, and of both stores to land it in."""

from tests.small_run import files, store

__all__ = ["files", "store"]
