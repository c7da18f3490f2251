"""Lists of pages to save: what is no address is named before anything is fetched."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from newsbot.crawl.page_list import read_page_list
from newsbot.errors import ConfigError


def test_each_page_once_as_a_browser_asks_for_it(tmp_path: Path) -> None:
    listed = tmp_path / "pages"
    listed.write_bytes(
        b"\xef\xbb\xbf# reports\r\n\r\n  https://X.example/dua kata?a=1#part \r\n"
        b"https://x.example/dua%20kata?a=1 # the same\r\nhttp://x.example/b"
    )
    pages = ["https://x.example/dua%20kata?a=1", "http://x.example/b"]
    assert read_page_list(str(listed)) == pages


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = SimpleNamespace(buffer=io.BytesIO(b"https://x.example/\n"))
    monkeypatch.setattr("sys.stdin", given)
    assert read_page_list("-") == ["https://x.example/"]


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "pages"
    listed.write_bytes(
        b"https://x.example/\nwww.x.example/a\n# no\nftp://x.example/\nhttps://me:key@x.example/\n"
        b"\xff\nhttps://x.example/" + b"a" * 2000
    )
    with pytest.raises(ConfigError) as raised:
        read_page_list(str(listed))
    lines = str(raised.value).splitlines()
    assert [line.removeprefix(f"{listed}, line ")[:1] for line in lines] == list("24567")
    assert "write https://www.x.example/a" in lines[0]
    assert "key" not in lines[2]


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_page_list(str(tmp_path / "none"))


def test_what_does_not_end_is_no_list() -> None:
    with pytest.raises(ConfigError, match="/dev/zero: longer than 16 MiB"):
        read_page_list("/dev/zero")
