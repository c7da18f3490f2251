"""Make what ``replica.looks`` cannot make itself: ``python -m tests.replica.make_look``.

The results are in the repository, since a demo runs without fonttools and Pillow. The font is ours:
letters as a display of fourteen bars shows them, so that headings in any other font look otherwise.
"""

import io
from pathlib import Path
from typing import Final

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from replica.looks import scenes

FOLDER: Final = Path(scenes.__file__).parent
SIZE: Final = (730, 487)
_LEFT, _MIDDLE, _RIGHT, _WIDE = 60, 280, 500, 560  # of 1000 to a line
_BASE, _HALF, _TOP = 0, 350, 700
_THICK: Final = 40  # half of a bar
# The bars by letter: where each begins and ends.
_BARS: Final = {
    "a": (_LEFT, _TOP, _RIGHT, _TOP), "d": (_LEFT, _BASE, _RIGHT, _BASE),
    "f": (_LEFT, _HALF, _LEFT, _TOP), "b": (_RIGHT, _HALF, _RIGHT, _TOP),
    "e": (_LEFT, _BASE, _LEFT, _HALF), "c": (_RIGHT, _BASE, _RIGHT, _HALF),
    "g": (_LEFT, _HALF, _MIDDLE, _HALF), "h": (_MIDDLE, _HALF, _RIGHT, _HALF),
    "j": (_MIDDLE, _HALF, _MIDDLE, _TOP), "m": (_MIDDLE, _BASE, _MIDDLE, _HALF),
    "i": (_LEFT, _TOP, _MIDDLE, _HALF), "k": (_MIDDLE, _HALF, _RIGHT, _TOP),
    "l": (_LEFT, _BASE, _MIDDLE, _HALF), "n": (_MIDDLE, _HALF, _RIGHT, _BASE),
}  # fmt: skip
_LETTERS: Final = {
    "A": "abcefgh", "B": "abcdhjm", "C": "adef", "D": "abcdjm", "E": "adefgh", "F": "aefgh",
    "G": "acdefh", "H": "bcefgh", "I": "adjm", "J": "bcde", "K": "efgkn", "L": "def",
    "M": "bcefik", "N": "bcefin", "O": "abcdef", "P": "abefgh", "Q": "abcdefn", "R": "abefghn",
    "S": "acdfgh", "T": "ajm", "U": "bcdef", "V": "efkl", "W": "bcefln", "X": "ikln", "Y": "ikm",
    "Z": "adkl", "0": "abcdefkl", "1": "bck", "2": "abdegh", "3": "abcdh", "4": "bcfgh",
    "5": "adfgn", "6": "acdefgh", "7": "akm", "8": "abcdefgh", "9": "abcdfgh",
}  # fmt: skip


def main() -> None:
    """Write the font, in two forms, and the AVIFs."""
    for form in ("woff", "woff2"):
        (FOLDER / f"judul.{form}").write_bytes(font(form))
    for number in range(scenes.AVIFS):
        (FOLDER / f"{number}.avif").write_bytes(picture(number))


def font(form: str) -> bytes:
    """Return the font; small letters look like capital ones."""
    names = [".notdef", "space", *_LETTERS]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(
        {32: "space"}
        | {ord(form): name for name in _LETTERS for form in (name, name.lower())}
    )  # fmt: skip
    builder.setupGlyf({name: _glyph(_LETTERS.get(name, "")) for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (_WIDE, _LEFT - _THICK)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Judul", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 3_800_000_000
    builder.font.flavor = form
    written = io.BytesIO()
    builder.font.save(written)
    return written.getvalue()


def _glyph(bars: str) -> object:
    pen = TTGlyphPen(None)
    for bar in bars:
        x, y, to_x, to_y = _BARS[bar]
        if y == to_y:
            corners = ((x, y - _THICK), (x, y + _THICK), (to_x, y + _THICK), (to_x, y - _THICK))
        else:
            corners = ((x - _THICK, y), (to_x - _THICK, to_y), (to_x + _THICK, to_y),
                (x + _THICK, y))  # fmt: skip
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def picture(number: int) -> bytes:
    """Return one of the AVIFs."""
    shown = Image.open(io.BytesIO(scenes.png(scenes.Scene.of(f"avif {number}"), *SIZE)))
    written = io.BytesIO()
    shown.convert("RGB").save(written, "AVIF", quality=60)
    return written.getvalue()


if __name__ == "__main__":
    main()
