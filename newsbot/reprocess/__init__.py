"""Extracts articles from archived pages again with today's rules; the originals stay."""

from newsbot.reprocess.deep_check import DeepCheck
from newsbot.reprocess.derived_run import Report, reprocess

__all__ = ["DeepCheck", "Report", "reprocess"]
