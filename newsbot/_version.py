"""The versions of the package and of its extractor, for whoever must not import all of it."""

from typing import Final

__version__ = "0.1.0"


EXTRACTOR: Final = "3"  # raised when the same page and rules give another result
