"""Instants are read in all forms that readers have them in."""

from datetime import UTC, date, datetime

import pytest

from newsbot.archive.instants import parse_instant
from newsbot.errors import ConfigError

MOMENT = datetime(2025, 2, 28, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["20250228080000", "2025-02-28T08:00:00Z", "2025-02-28T15:00+07:00", "2025-02-28T08:00:00",
     "2025-02-28 08:00:00.000000+00:00"],
)  # fmt: skip
def test_the_same_moment(text: str) -> None:
    assert parse_instant(text, "--at") == MOMENT


def test_a_day_is_no_moment() -> None:
    assert parse_instant("2025-02-28", "--at") == date(2025, 2, 28)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "20250230080000", "202502", "2025-02-30", "٢٠٢٥٠٢٢٨٠٨٠٠٠٠",
     "0001-01-01T00:00+14:00", "9" * 10_000],
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--at: .* is no time; write 20250228080000 \(UTC\)"):
        parse_instant(text, "--at")
