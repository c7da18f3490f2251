"""Decides whether texts are similar only because they were made from one template.

Some of a story's words are also in its relatives, other stories from the same template or with the
same background. Edits of a copy fall on both kinds of words; the next story from the template
replaces the story's own words and keeps those of the template.
"""

from array import array
from collections.abc import Iterable

from newsbot.ledger.copies.likeness import Likeness, binomial_tail, likeness

BY_CHANCE = 0.015  # probability that a copy's edits fall on its own words so much more often
MIN_OWN_CHANGED = (
    1 / 3
)  # of its own words are changed, at least, in another story from the template
_MAX_GAP = 12  # consecutive missing words were removed, which proves nothing


def is_relative(like: Likeness, words: "array[int]", relatives: Iterable["array[int]"]) -> bool:
    """Return whether the texts of ``like`` are only two stories from one template.

    ``words`` are those of the second text; ``relatives`` are texts of other stories.
    """
    common = bytearray(len(words))
    for relative in relatives:
        common = bytearray(map(max, common, likeness(words, relative).here))
    kinds = [(has, is_common) for has, is_common in zip(_word_states(like), common, strict=True)]
    own_changed, own = kinds.count((0, 0)), kinds.count((0, 0)) + kinds.count((1, 0))
    changed, same = kinds.count((0, 1)), kinds.count((1, 1))
    rate = (changed + 0.25) / (changed + same + 0.5)
    return (
        own_changed >= MIN_OWN_CHANGED * own and binomial_tail(own_changed, own, rate) < BY_CHANCE
    )


def _word_states(like: Likeness) -> bytearray:
    """Return for each word of the second text: 1 kept, 0 changed, 2 removed in the first."""
    covered = bytearray(like.there)
    start = 0
    for run in bytes(covered).split(b"\1"):
        if len(run) > _MAX_GAP:
            covered[start : start + len(run)] = b"\2" * len(run)
        start += len(run) + 1
    return covered
