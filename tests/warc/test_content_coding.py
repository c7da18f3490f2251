"""Bodies without their content codings, and what is said of those that cannot be decoded."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd

from newsbot.errors import ExtractionFailed
from newsbot.warc.content_coding import BodyTooLarge, decoded

PLAIN = bytes(range(256)) * 40
CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "x-gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("coding", CODED)
def test_codings_are_taken_off(coding: str) -> None:
    assert decoded(CODED[coding](PLAIN), [coding.upper()]) == PLAIN
    assert decoded(CODED[coding](CODED["gzip"](PLAIN)), ["gzip", f" {coding} "]) == PLAIN


@pytest.mark.parametrize("value", ["", "identity", "unheard-of"])
def test_what_the_crawler_leaves_alone_is_left_alone(value: str) -> None:
    assert decoded(PLAIN, [value]) == PLAIN


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd"])
def test_a_body_that_is_something_else_is_named(coding: str) -> None:
    with pytest.raises(ExtractionFailed, match=coding):
        decoded(b"<html>not coded at all</html>", [coding])


@pytest.mark.parametrize("coding", CODED)
def test_an_empty_body_is_empty(coding: str) -> None:
    """As of a 304, which may name the coding that the page has."""
    assert decoded(b"", [coding]) == b""


def test_torn_brotli_is_named() -> None:
    with pytest.raises(ExtractionFailed, match="br"):
        decoded(brotli.compress(PLAIN)[:-5], ["br"])


def test_of_torn_gzip_what_came_is_kept() -> None:
    noise = b"".join(b"%d " % (n * n) for n in range(9_000))
    whole = gzip.compress(noise, mtime=0)
    part = decoded(whole[: len(whole) // 2], ["gzip"])
    assert part
    assert noise.startswith(part)


@pytest.mark.parametrize("trailer", ["second member", "rubbish"])
def test_gzip_behind_its_first_member(trailer: str) -> None:
    more = gzip.compress(b"more", mtime=0) if trailer == "second member" else b"rubbish"
    expected = PLAIN + b"more" if trailer == "second member" else PLAIN
    assert decoded(gzip.compress(PLAIN, mtime=0) + more, ["gzip"]) == expected


def test_of_broken_gzip_what_is_sound_is_kept() -> None:
    noise = b"".join(b"%d " % (n * n) for n in range(50_000))
    broken = bytearray(gzip.compress(noise, mtime=0))
    broken[len(broken) // 2] ^= 0xFF
    part = decoded(bytes(broken), ["gzip"])
    assert noise.startswith(part[:100_000])
    assert len(part) > 100_000


def test_what_is_no_gzip_is_named_and_an_empty_body_is_empty() -> None:
    with pytest.raises(ExtractionFailed, match="gzip"):
        decoded(b"not gzip at all", ["gzip"])
    assert decoded(b"", ["gzip"]) == b""


@pytest.mark.parametrize("coding", CODED)
def test_a_body_that_grows_too_large_is_refused(coding: str) -> None:
    with pytest.raises(BodyTooLarge) as caught:
        decoded(CODED[coding](bytes(5_000_000)), [coding], 1_000_000)
    assert 1_000_000 < caught.value.size < 1_200_000
    assert len(decoded(CODED[coding](bytes(1_000_000)), [coding], 1_000_000)) == 1_000_000
