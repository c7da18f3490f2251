"""How fast each host is asked: never faster than robots.txt and the host itself want."""

import logging
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from scrapy.crawler import Crawler

from newsbot.errors import RequestRefused
from newsbot.sites.seed import LONGEST_DELAY

logger = logging.getLogger(__name__)

LONGEST_PAUSE: Final = 300.0  # seconds that a crawl waits; after that, the next crawl does
_FIRST_DELAY: Final = 1.0  # seconds, for a host that was asked without any delay
_LONGEST_WAIT: Final = 120.0  # seconds waited in a row; after that, a refusal is the last
MOST_REFUSALS: Final = 10  # in a row, until a host is left alone


@dataclass(slots=True)
class _Host:
    """What is known of one host; times are those of ``time.monotonic``."""

    delay: float = 0.0  # seconds: the least between two requests
    paused_until: float = 0.0
    usual_delay: float | None = None  # of its slot, before the pause
    refusals: int = 0  # in a row
    waited: float = 0.0  # seconds of pauses and delays in a row
    is_left_alone: bool = False


class HostPace:
    """Slows and pauses the slots of Scrapy's downloader, one for each host.

    Scrapy and AutoThrottle set a slot's delay too, and Scrapy drops slots that are idle: so it is
    set again before each request and after each response.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._hosts: dict[str, _Host] = {}

    def slow_down(self, host: str, delay: float) -> None:
        """Leave at least ``delay`` seconds between requests to the host for the rest of the run."""
        kept = self._hosts.setdefault(host, _Host())
        kept.delay = max(kept.delay, min(delay, LONGEST_DELAY))
        self.apply(host)

    def refuse(self, host: str, wait: float | None) -> None:
        """Note that the host answered 429 or 503: pause it, and ask it more slowly from then on.

        What it answers while it is paused was asked before: it only makes the pause longer.

        Args:
            wait: the seconds that its Retry-After asks for; None if it has none.
        """
        kept = self._hosts.setdefault(host, _Host())
        was_paused = monotonic() < kept.paused_until
        kept.refusals += not was_paused
        pause = min(2.0**kept.refusals, LONGEST_DELAY) if wait is None else wait
        is_too_long = pause > LONGEST_PAUSE or kept.waited > _LONGEST_WAIT
        kept.waited += 0 if was_paused else max(pause, kept.delay)
        if is_too_long or kept.refusals >= MOST_REFUSALS:
            kept.is_left_alone = True
            self._drop_waiting(host)
            return
        kept.paused_until = max(kept.paused_until, monotonic() + pause)
        if was_paused:
            self.apply(host)
            return
        self.slow_down(host, 2 * max(kept.delay, self._slot_delay(host), _FIRST_DELAY / 2))
        logger.warning("%s is busy: next request in %.0f s, then every %.1f s or more",
            host, pause, kept.delay)  # fmt: skip

    def _drop_waiting(self, host: str) -> None:
        """Refuse the requests that wait in the host's slot, each for the delay of the last."""
        slot = self._slot(host)
        while slot is not None and slot.queue:
            slot.queue.popleft()[1].errback(RequestRefused("host-busy"))

    def answer(self, host: str) -> None:
        """Note that the host answered as it should."""
        if host in self._hosts:
            self._hosts[host].refusals, self._hosts[host].waited = 0, 0.0

    def is_left_alone(self, host: str) -> bool:
        """Return whether the host is not asked again in this run."""
        return host in self._hosts and self._hosts[host].is_left_alone

    def apply(self, host: str) -> None:
        """Set the delay of the host's slot, if it has one."""
        kept, slot = self._hosts.get(host), self._slot(host)
        if kept is None or slot is None:
            return
        slot.jitter = 0.0  # it would also shorten the delay
        if monotonic() < kept.paused_until:
            if kept.usual_delay is None:
                kept.usual_delay = slot.delay
            slot.delay = kept.paused_until - slot.lastseen
            return
        if kept.usual_delay is not None:
            slot.delay, kept.usual_delay = kept.usual_delay, None
            if slot.latercall is not None:  # after a request it was set by the pause
                slot.latercall.cancel()
                slot.latercall = None
        slot.delay = max(slot.delay, kept.delay)

    def _slot(self, host: str) -> Any:
        engine: Any = self._crawler.engine
        return engine.downloader.slots.get(host)

    def _slot_delay(self, host: str) -> float:
        slot = self._slot(host)
        return 0.0 if slot is None else float(slot.delay)
