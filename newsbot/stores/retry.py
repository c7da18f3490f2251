"""RetryPolicy with a store that is away for a while: again, after longer and longer waits."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from newsbot.errors import StoreUnavailable

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one step is tried; whichever bound comes first ends it. Times are in seconds.

    The defaults outlast the restart of a store and of its load balancer (30 s of waits, each made
    up to a half longer or shorter so that many crawls do not come back at once). A store that is
    away for longer gets the run from the spool later.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 15.0
    total: float = 90.0  # no further try is begun after this; each may itself take a time-out
    wait: Callable[[float], object] = time.sleep

    def do(self, step: Callable[[], _T]) -> _T:
        """Do the step, again while the store is only unavailable; other errors end it at once.

        Raises:
            StoreUnavailable: it still was at the last try.
        """
        end = time.monotonic() + self.total
        pause = self.first_wait
        for _ in range(self.attempts - 1):
            try:
                return step()
            except StoreUnavailable as error:
                if time.monotonic() >= end:
                    raise
                logger.warning("%s; trying again in about %.0f s", error, pause)
                self.wait(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
                pause = min(2 * pause, self.longest_wait)
        return step()
