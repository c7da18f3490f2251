"""Articles read again from archived pages with today's rules; the originals stay as they are."""

from newsbot.reprocess.derived_run import Report, reprocess

__all__ = ["Report", "reprocess"]
