"""Whether work grows faster than what it is given: the one way in which tests judge speed.

No time is held against a figure, for a machine may be slow or busy. What eight times as much takes
is held against what one takes, in processor time: of a linear function 8 times as long, of a
quadratic one 64 times.
"""

from collections.abc import Callable

TIMES = 8
STEEP = 32  # four times what a linear function takes, and half of what a quadratic one does
TRIES = 5
_LEAST = 1e-6  # seconds: clocks do not tell less


def is_steep(seconds: Callable[[int], float], size: int) -> bool:
    """Whether ``seconds`` grows so from ``size`` to eight times that, in each of several tries.

    Other work on the machine may make one try look steep, not all.
    """
    for _ in range(TRIES):
        small = min(seconds(size) for _ in range(3))
        if seconds(TIMES * size) < STEEP * max(small, _LEAST):
            return False
    return True
