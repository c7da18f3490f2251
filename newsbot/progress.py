"""Sizes as people read them."""

from collections.abc import Callable


def bytes_text(number: float) -> str:
    """Return a size for people: 4.2 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


Transfer = Callable[[str, int, int], None]
