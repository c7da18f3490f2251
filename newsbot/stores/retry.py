"""Retrying while a store is unavailable, with waits that grow."""

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
    """How often and how long one step is retried; times are in seconds.

    The first bound that is reached ends it. The defaults outlast the restart of a store and its
    load balancer (30 s of waits, each with up to 50 % jitter so that many crawls do not return at
    once). If the store is unavailable for longer, the run lands from the spool later.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 15.0
    total: float = 90.0  # no further attempt starts after this; each may take a time-out itself
    wait: Callable[[float], object] = time.sleep

    def do(self, step: Callable[[], _T]) -> _T:
        """Run the step, again while the store is unavailable; other errors end it at once.

        Raises:
            StoreUnavailable: the store still was at the last attempt.
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
