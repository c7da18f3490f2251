"""The measure of how much of a page another shows."""

import io

import pytest
from PIL import Image

from tests.replaying.looking import TOLERANCE, share_of_difference


def picture(*rows: tuple[int, int, int]) -> bytes:
    """A picture ten pixels wide, each row of one colour."""
    image = Image.new("RGB", (10, len(rows)))
    for y, colour in enumerate(rows):
        image.paste(colour, (0, y, 10, y + 1))
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


GREY = (100, 100, 100)


@pytest.mark.parametrize(
    ("other", "share"),
    [
        ((GREY, GREY), 0.0),
        ((GREY, (100, 100, 100 + TOLERANCE)), 0.0),
        ((GREY, (100, 100, 101 + TOLERANCE)), 0.5),
        ((GREY, (99 - TOLERANCE, 100, 100)), 0.5),
        ((GREY,), 0.5),
        ((GREY, GREY, (0, 0, 0)), 0.0),
        (((255, 255, 255), (255, 255, 255)), 1.0),
    ],
)
def test_a_pixel_differs_by_a_channel_or_is_missing(
    other: tuple[tuple[int, int, int], ...], share: float
) -> None:
    assert share_of_difference(picture(GREY, GREY), picture(*other)) == share
