"""Exporting snapshots to the formats of other tools; each format has a module."""

from newsbot.archive.export.selection import Exported, Selected, select

__all__ = ["Exported", "Selected", "select"]
