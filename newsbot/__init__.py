"""newsbot: crawls ANTARA and those who re-publish it into dated, checkable snapshots.

The public API (``docs/python.md``) is what ``__all__`` names; everything else is internal. It is
loaded when it is first asked for, so that ``import newsbot`` costs nothing.
"""

from typing import TYPE_CHECKING, Any

from newsbot._version import __version__

if TYPE_CHECKING:
    from newsbot.api import (
        Archive,
        Article,
        Extraction,
        ListPosition,
        Page,
        Site,
        extract_page,
        load_site,
        open_archive,
    )

__all__ = [
    "Archive",
    "Article",
    "Extraction",
    "ListPosition",
    "Page",
    "Site",
    "__version__",
    "extract_page",
    "load_site",
    "open_archive",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'newsbot' has no attribute {name!r}")
    from newsbot import api  # noqa: PLC0415 - 0.5 s, for `import newsbot` alone

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
