"""Change a text as whoever edits it silently does: one number becomes another."""

import re
from collections.abc import Sequence

# Two or three digits that are no part of a date, a decimal or a longer number.
_NUMBER = re.compile(r"(?<![\d.,/:])(?<!\w)\d{2,3}(?!\w)(?![.,/:]?\d)")


def has_number(text: str) -> bool:
    """Return whether there is a number that can be changed."""
    return _NUMBER.search(text) is not None


def with_other_number(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Return the paragraphs with the last number in them changed, the first paragraph left alone.

    Raises:
        ValueError: there is no number but in the first.
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
    """Return the digits in reverse, or three times the number where that says the same."""
    turned = number[::-1].lstrip("0")
    return turned if turned != number and len(turned) == len(number) else str(int(number) * 3)
