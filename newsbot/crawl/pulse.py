"""Does something every few seconds beside the crawl, also while no page comes in."""

from collections.abc import Callable
from threading import Event, Thread


class Pulse:
    """Calls ``beat`` at an interval (seconds) in a thread of its own, from now until ``stop``."""

    def __init__(self, interval: float, beat: Callable[[], None]) -> None:
        self._interval, self._beat = interval, beat
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more beats; one that is under way is waited for."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self._beat()
