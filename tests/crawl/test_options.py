"""The -a arguments are checked before anything is done."""

from datetime import date

import pytest

from newsbot.crawl.options import parse_options
from newsbot.errors import ConfigError


def test_all_arguments() -> None:
    options = parse_options({"since": "2025-02-01", "until": "2025-02-28", "limit": "5"}, "antara")
    assert options.site == "antara"
    assert options.limit == 5
    assert options.backfill
    assert options.covers(date(2025, 2, 28))
    assert not options.covers(date(2025, 3, 1))
    assert not options.covers(date(2025, 1, 31))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"sice": "2025-02-01"}, "no such argument"),
        ({"since": "1 Feb"}, "write it as 2025-02-28"),
        ({"since": "2025-03-01", "until": "2025-02-01"}, "swap them"),
        ({"limit": "0"}, "1 or more"),
        ({"limit": "many"}, "1 or more"),
        ({"url": "www.antaranews.com/x"}, "not a web address"),
        ({"recheck": "some"}, "use all, due, none"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse_options(arguments, "antara")
