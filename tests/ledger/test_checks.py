"""When to look again: the decaying schedule, and back-off by class of failure."""

from datetime import UTC, datetime, timedelta

import pytest

from newsbot.ledger.recheck import FailureClass, failure_class, next_recheck, next_retry

SEEN = datetime(2025, 2, 28, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEDULE = (HOUR, 6 * HOUR, DAY)


@pytest.mark.parametrize(
    ("age", "due"),
    [
        (timedelta(0), HOUR),
        (HOUR, 6 * HOUR),
        (5 * HOUR, 6 * HOUR),
        (7 * HOUR, DAY),  # one that was missed is not made up for
        (DAY, None),
        (99 * DAY, None),
    ],
)
def test_the_schedule_decays_and_ends(age: timedelta, due: timedelta | None) -> None:
    assert next_recheck(SCHEDULE, SEEN, SEEN + age) == (due and SEEN + due)


@pytest.mark.parametrize(
    ("why", "failure"),
    [
        ("http-404", "gone"),
        ("http-410", "gone"),
        ("http-403", "hard"),
        ("http-451", "hard"),
        ("DownloadCancelledError", "hard"),
        ("too-large", "hard"),
        ("http-304", "temporary"),  # to a request without conditions
        ("redirect-to-no-article", "temporary"),
        ("torn", "temporary"),
        ("undecodable", "temporary"),  # torn before anything could be decoded
        ("ResponseDataLossError", "temporary"),
        ("no-article", "soft"),
        ("empty", "soft"),
        ("http-429", "temporary"),
        ("http-503", "temporary"),
        ("DownloadTimeoutError", "temporary"),
        ("CannotResolveHostError", "temporary"),
    ],
)
def test_classes(why: str, failure: FailureClass) -> None:
    assert failure_class(why) == failure


def test_a_temporary_failure_is_for_the_next_run_and_never_given_up() -> None:
    assert next_retry("temporary", 1, SEEN) == SEEN
    assert next_retry("temporary", 2, SEEN) == SEEN + timedelta(minutes=15)
    assert next_retry("temporary", 100, SEEN) == SEEN + DAY


@pytest.mark.parametrize("failure", ["hard", "soft"])
def test_others_wait_ever_longer_and_are_given_up(failure: FailureClass) -> None:
    waits = [next_retry(failure, number, SEEN) for number in range(1, 9)]
    tries = [wait for wait in waits if wait is not None]
    assert tries == sorted(set(tries))
    assert tries[0] == SEEN + (DAY if failure == "hard" else timedelta(0))
    assert tries[1] >= SEEN + HOUR
    assert waits[-1] is None
