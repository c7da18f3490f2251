"""How progress is reported: sizes in readable units, and the callback."""

from collections.abc import Callable


def bytes_text(number: float) -> str:
    """Return a number of bytes in the largest unit that fits: 4.2 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


Progress = Callable[[str, int, int], None]
"""Called with what is worked on (a file, a run), how much is done and how much there is."""
