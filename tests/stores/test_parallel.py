"""Parts of an object are read a few at once and come in order."""

from threading import Barrier, Event

import pytest

from newsbot.errors import StoreUnavailable
from newsbot.stores.parallel import read_in_order


def test_parts_are_read_at_once_and_come_in_order() -> None:
    together = Barrier(3)

    def read(start: int, _halted: Event) -> bytes:
        together.wait(600)  # nobody goes on before three are under way
        return b"%d;" % start

    assert b"".join(read_in_order(read, range(0, 60, 10), 3)) == b"0;10;20;30;40;50;"


def test_no_more_are_read_than_fit() -> None:
    begun: list[int] = []

    def read(start: int, _halted: Event) -> bytes:
        begun.append(start)
        return b"x"

    parts = read_in_order(read, range(100), 2)
    next(parts)
    assert {0} <= set(begun) <= {0, 1, 2}  # threads that wait for a turn may not have begun
    parts.close()  # type: ignore[attr-defined]
    assert len(begun) <= 3


def test_an_error_comes_in_the_place_of_its_part() -> None:
    def read(start: int, _halted: Event) -> bytes:
        if start == 2:
            raise StoreUnavailable("broke")
        return b"x"

    parts = read_in_order(read, range(10), 4)
    assert [next(parts), next(parts)] == [b"x", b"x"]
    with pytest.raises(StoreUnavailable):
        next(parts)


def test_whoever_leaves_early_does_not_wait_for_what_is_under_way() -> None:
    def read(start: int, halted: Event) -> bytes:
        if start > 0:
            assert halted.wait(600)  # as a connection that gives nothing more
        return b"x"

    parts = read_in_order(read, range(4), 2)
    assert next(parts) == b"x"
    parts.close()  # type: ignore[attr-defined]


def test_none_are_asked_for_where_there_are_none() -> None:
    assert list(read_in_order(lambda _start, _halted: b"x", range(0), 4)) == []
