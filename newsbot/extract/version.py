"""The version of the extraction code: raised when the same page would give other values."""

from typing import Final

EXTRACTOR: Final = "1"
