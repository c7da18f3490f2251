"""Changes a text as in a silent edit: one number becomes another."""

import re
from collections.abc import Sequence

# Two or three digits that are not part of a date, a decimal or a longer number.
_NUMBER = re.compile(r"(?<![\d.,/:])(?<!\w)\d{2,3}(?!\w)(?![.,/:]?\d)")


def has_number(text: str) -> bool:
    """Return whether the text has a number that can be changed."""
    return _NUMBER.search(text) is not None


def with_other_number(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return the paragraphs with their last number changed, but never one of the first paragraph.

    Raises:
        ValueError: no paragraph but the first has a number.
    """
    for position in range(len(paragraphs) - 1, 0, -1):
        found = list(_NUMBER.finditer(paragraphs[position]))
        if found:
            changed = list(paragraphs)
            start, end = found[-1].span()
            text = paragraphs[position]
            changed[position] = f"{text[:start]}{_other(text[start:end])}{text[end:]}"
            return tuple(changed)
    raise ValueError("no number to change in this text")


def _other(number: str) -> str:
    """Return the number with reversed digits, or its triple where those are the same."""
    reverse = number[::-1].lstrip("0")
    return reverse if reverse != number and len(reverse) == len(number) else str(int(number) * 3)
