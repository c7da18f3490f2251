"""Whether texts are alike only because they were made from one template.

Of a story's words some stand in its relatives too, other stories from the same template or with the
same background. A copy was edited without regard to that; in the next story from the template its
own words are others and those of the template are the same.
"""

from array import array
from collections.abc import Iterable

from newsbot.ledger.copies.likeness import Likeness, at_least, likeness

BY_CHANCE = 0.015  # that a copy's edits fall on its own words so much more often
MANY = 1 / 3  # of its own words, at least, another story from the template has otherwise
_LOST = 12  # words that are missing in a row were left out, which says nothing


def is_relative(like: Likeness, words: "array[int]", relatives: Iterable["array[int]"]) -> bool:
    """Whether the first text of ``like`` is from the template of the second, whose words these are.

    ``relatives`` are texts that tell other stories than the second.
    """
    common = bytearray(len(words))
    for relative in relatives:
        common = bytearray(map(max, common, likeness(words, relative).here))
    kinds = [(has, is_common) for has, is_common in zip(_there(like), common, strict=True)]
    own_changed, own = kinds.count((0, 0)), kinds.count((0, 0)) + kinds.count((1, 0))
    changed, same = kinds.count((0, 1)), kinds.count((1, 1))
    rate = (changed + 0.25) / (changed + same + 0.5)
    return own_changed >= MANY * own and at_least(own_changed, own, rate) < BY_CHANCE


def _there(like: Likeness) -> bytearray:
    """What the first text has of the second: 1, what it has otherwise: 0, what it left out: 2."""
    covered = bytearray(like.there)
    start = 0
    for run in bytes(covered).split(b"\1"):
        if len(run) > _LOST:
            covered[start : start + len(run)] = b"\2" * len(run)
        start += len(run) + 1
    return covered
