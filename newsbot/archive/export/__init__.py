"""Snapshots in the forms that other tools read; each form has a module."""

from newsbot.archive.export.selection import Exported, Selected, select

__all__ = ["Exported", "Selected", "select"]
