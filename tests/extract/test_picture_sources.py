"""Of a picture with several sources, the one that a browser takes is wanted."""

import pytest

from newsbot.extract.document import parse
from newsbot.extract.metadata import read_metadata
from newsbot.extract.requisites import read_requisites

AVIF, WEBP, LARGE = (
    '<source type="image/avif" srcset="a.avif">',
    '<source type="image/webp" srcset="a.webp, b.webp 2x">',
    '<source type="image/avif" media="(min-width: 2000px)" srcset="c.avif">',
)


@pytest.mark.parametrize(
    ("sources", "wanted"),
    [
        (AVIF, {"a.avif"}),
        (AVIF + WEBP, {"a.avif"}),
        (WEBP + AVIF, {"a.webp", "b.webp"}),
        (LARGE + WEBP, {"a.webp", "b.webp"}),
        (LARGE.replace("avif", "jxl") + LARGE + WEBP + AVIF, {"a.webp", "b.webp"}),
        (LARGE, set()),
    ],
)
def test_the_first_that_a_desktop_can_show(sources: str, wanted: set[str]) -> None:
    document = parse(
        f'<p><picture>{sources}<img src="a.jpg"></picture><video>{AVIF}</video>', "https://a.test/"
    )
    assert document is not None
    found = read_requisites(document, read_metadata(document), None)
    assert {one.url for one in found} == {f"https://a.test/{name}" for name in wanted | {"a.jpg"}}
