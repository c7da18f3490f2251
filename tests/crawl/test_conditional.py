"""Validators are sent in each form that the server may know."""

import pytest

from newsbot.crawl.middlewares.conditional import _forms_of


@pytest.mark.parametrize(
    ("etag", "sent"),
    [
        ('"5f1a-abc"', ['"5f1a-abc"']),
        ('W/"5f1a"', ['W/"5f1a"']),
        ('"5f1a-abc-br"', ['"5f1a-abc-br"', '"5f1a-abc"']),
        ('"5f1a-abc-gzip"', ['"5f1a-abc-gzip"', '"5f1a-abc"']),
        ('"5f1a;gzip"', ['"5f1a;gzip"', '"5f1a"']),
        ('"5f1a--gzip"', ['"5f1a--gzip"', '"5f1a"']),
        ('W/"5f1a-gzip"', ['W/"5f1a-gzip"', 'W/"5f1a"']),
        ('"-br"', ['"-br"']),
        ("no quotes-br", ["no quotes-br"]),
    ],
)
def test_an_etag_of_apache_is_sent_without_its_coding_too(etag: str, sent: list[str]) -> None:
    assert list(_forms_of(etag)) == sent
