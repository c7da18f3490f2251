"""Addresses as browsers resolve and write them."""

import pytest

from newsbot.addresses import ascii_host, host_of, resolve


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/dua kata", "http://b.example/dua%20kata"),
        ("/a//b", "http://b.example/a//b"),
        ("//c.example/x", "http://c.example/x"),
        (" \n../y#z ", "http://b.example/y#z"),
        ("/it's(1)+2;x&y$*@", "http://b.example/it's(1)+2;x&y$*@"),
        ("https://B\u00fccher.example/", "https://xn--bcher-kva.example/"),
        ("#top", None),
        ("", None),
        (None, None),
        ("mailto:a@b.example", None),
        ("http://user:secret@b.example/", None),
        ("http://[::1", None),
    ],
)
def test_references_are_resolved_as_browsers_do(
    reference: str | None, expected: str | None
) -> None:
    assert resolve("http://b.example/x/", reference) == expected


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.org/", "www.example.org"),
        ("https://b\u00fccher.example/x", "xn--bcher-kva.example"),
        ("http://2130706433:8080/x", "127.0.0.1"),
        ("http://0x7f.1/x", "127.0.0.1"),
        ("http://[2001:db8::1]/x", "2001:db8::1"),
        ("http://999999999999/", ""),
        ("nonsense", ""),
    ],
)
def test_hosts_are_named_in_one_way(url: str, host: str) -> None:
    assert host_of(url) == host


def test_what_is_no_host_name_is_refused() -> None:
    for value in ("", "a b", "https://a", "a/b", "a:80"):
        with pytest.raises(ValueError, match="host"):
            ascii_host(value)
