"""Bodies without their content codings, and what is said of those that cannot be decoded."""

import gzip
import io
import zlib
from collections.abc import Callable
from functools import cache

import brotli
import pytest
from backports import zstd

from newsbot.errors import ExtractionFailed
from newsbot.warc.content_coding import BodyTooLarge, TornBody, decoded

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


NOISE = b"".join(b"%d " % (n * n) for n in range(50_000))


@cache
def _coded_noise(coding: str) -> bytes:
    return CODED[coding](NOISE)


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_body_that_ends_in_the_middle_is_torn(coding: str, share: float) -> None:
    whole = _coded_noise(coding)
    with pytest.raises(TornBody, match=coding.removeprefix("x-")) as caught:
        decoded(whole[: int(len(whole) * share)], [coding])
    assert NOISE.startswith(caught.value.partial)


@pytest.mark.parametrize("lost", range(1, 9))
def test_a_gzip_body_without_its_trailer_is_whole(lost: int) -> None:
    assert decoded(gzip.compress(NOISE, mtime=0)[:-lost], ["gzip"]) == NOISE


def test_a_wrong_checksum_is_no_loss() -> None:
    wrong = bytearray(gzip.compress(NOISE, mtime=0))
    wrong[-6] ^= 0xFF
    assert decoded(bytes(wrong), ["gzip"]) == NOISE
    named = io.BytesIO()
    with gzip.GzipFile("page.html", "wb", fileobj=named, mtime=0) as file:
        file.write(NOISE)
    assert decoded(named.getvalue()[:-8], ["gzip"]) == NOISE


@pytest.mark.parametrize("bits", [zlib.MAX_WBITS, -zlib.MAX_WBITS], ids=["wrapped", "raw"])
def test_deflate_with_and_without_its_wrapper(bits: int) -> None:
    packer = zlib.compressobj(wbits=bits)
    whole = packer.compress(NOISE) + packer.flush()
    assert decoded(whole, ["deflate"]) == NOISE
    with pytest.raises(TornBody):
        decoded(whole[: len(whole) // 2], ["deflate"])


@pytest.mark.parametrize("trailer", ["second member", "rubbish"])
def test_gzip_behind_its_first_member(trailer: str) -> None:
    more = gzip.compress(b"more", mtime=0) if trailer == "second member" else b"rubbish"
    expected = PLAIN + b"more" if trailer == "second member" else PLAIN
    assert decoded(gzip.compress(PLAIN, mtime=0) + more, ["gzip"]) == expected


def test_gzip_that_is_damaged_in_the_middle_is_torn() -> None:
    broken = bytearray(gzip.compress(NOISE, mtime=0))
    middle = len(broken) // 2
    broken[middle : middle + 500] = b"\xff" * 500
    with pytest.raises(TornBody) as caught:
        decoded(bytes(broken), ["gzip"])
    assert caught.value.partial[:100_000] == NOISE[:100_000]


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
