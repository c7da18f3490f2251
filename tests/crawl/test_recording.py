"""What has to be done every few seconds is done also while no page comes in."""

import threading

from newsbot.crawl.recording import PeriodicCall


def test_it_beats_until_it_is_stopped() -> None:
    beats = threading.Semaphore(0)
    pulse = PeriodicCall(0.01, beats.release)
    for _ in range(3):
        assert beats.acquire(timeout=600)
    pulse.stop()
    while beats.acquire(blocking=False):
        pass
    assert not beats.acquire(timeout=0.1), "it goes on after it was stopped"
