"""Exporting snapshots to the formats of other tools; each format has a module."""

from newsbot.archive.export.selection import Exported, Selected, Selection, Wanted, select

__all__ = ["Exported", "Selected", "Selection", "Wanted", "select"]
