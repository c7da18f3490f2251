"""Pictures that one can tell apart: tiles of two colours, of any size, as PNG, JPEG and WebP.

The same name and version give the same tiles in each format and size, as a picture's crops do. An
AVIF is one of four that ``tests/replica/make_look.py`` has made: its coding is beyond a few lines.
"""

import colorsys
import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from operator import sub
from pathlib import Path
from typing import Final, TypeVar

COLUMNS, ROWS = 12, 8  # tiles
AVIFS: Final = 4
Colour = tuple[int, int, int]
_Form = TypeVar("_Form", str, bytes)
_FOLDER: Final = Path(__file__).parent
_BLOCK: Final = 8  # pixels: a side of JPEG's blocks
_MAX_WEBP: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows: its two colours, and which tiles have the second."""

    colours: tuple[Colour, Colour]
    tiles: tuple[tuple[int, ...], ...]
    digest: bytes

    @classmethod
    def of(cls, name: str, version: int = 0) -> "Scene":
        """Return what the picture with that name shows."""
        digest = hashlib.sha256(f"{name}/{version}".encode()).digest()
        hue = digest[0] / 256
        dark, light = (colorsys.hls_to_rgb(hue, shade, 0.6) for shade in (0.35, 0.7))
        red, green, blue = (round(part * 255) for part in dark)
        # WebP's coder below needs colours that differ in their green alone.
        colours = (red, green, blue), (red, round(light[1] * 255), blue)
        bits = int.from_bytes(digest[1 : 1 + COLUMNS * ROWS // 8])
        tiles = tuple(
            tuple(bits >> (row * COLUMNS + column) & 1 for column in range(COLUMNS))
            for row in range(ROWS)
        )
        return cls(colours, tiles, digest)

    def row(self, width: int, height: int, y: int) -> list[int]:
        """Return which colour each pixel of a row has."""
        tiles = self.tiles[y * ROWS // height]
        return [tiles[x * COLUMNS // width] for x in range(width)]


def png(scene: Scene, width: int, height: int) -> bytes:
    """Return a PNG with a palette."""
    rows = b"".join(_rows(scene, width, height, lambda row: b"\x00" + bytes(row)))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = bytes(part for colour in scene.colours for part in colour)
    chunks = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def jpeg(scene: Scene, width: int, height: int) -> bytes:
    """Return a baseline JPEG in which only the mean of each block of 8 by 8 is coded."""
    bits = _jpeg_bits(scene, -(-width // _BLOCK), -(-height // _BLOCK))
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8).replace(b"\xff", b"\xff\x00")
    lengths = bytes([0, 0, 0, 12, *[0] * 12])  # twelve codes of four bits
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            _segment(0xDB, b"\x00" + b"\x08" * 64),
            _segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + _COMPONENTS),
            _segment(0xC4, b"\x00" + lengths + bytes(range(12))),
            _segment(0xC4, b"\x10\x01" + bytes(15) + b"\x00"),
            _segment(0xDA, b"\x03\x01\x00\x02\x00\x03\x00\x00\x3f\x00"),
            data,
            b"\xff\xd9",
        )
    )


def webp(scene: Scene, width: int, height: int) -> bytes:
    """Return a lossless WebP: a bit for each pixel, which says its green.

    Raises:
        ValueError: it is too large for the format.
    """
    if not (0 < width <= _MAX_WEBP and 0 < height <= _MAX_WEBP):
        raise ValueError(f"no WebP has {width} by {height} pixels")
    (red, first, blue), (_, second, _) = scene.colours
    # The coder writes the smaller symbol as 0.
    flips = first > second
    least = _bits(width - 1, 14) + _bits(height - 1, 14) + "0" + _bits(0, 3)
    least += "000"  # no transform, no cache of colours, one set of codes
    least += "1" + "1" + "1" + _bits(min(first, second), 8) + _bits(max(first, second), 8)
    least += "".join("1" + "0" + "1" + _bits(value, 8) for value in (red, blue, 255))
    least += "1" + "0" + "0" + "0"  # the code of distances, which are not used
    pixels = _rows(scene, width, height, lambda row: "".join(str(one ^ flips) for one in row))
    stream = least + "".join(pixels)
    data = b"\x2f" + int(stream[::-1], 2).to_bytes(-(-len(stream) // 8), "little")
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def avif(scene: Scene) -> bytes:
    """Return one of four AVIFs of 730 by 487, with a box that tells it from others of its looks."""
    body = (_FOLDER / f"{scene.digest[0] % AVIFS}.avif").read_bytes()
    return body + struct.pack(">I", 8 + len(scene.digest)) + b"free" + scene.digest


def _rows(scene: Scene, width: int, height: int, form: Callable[[list[int]], _Form]) -> list[_Form]:
    """Return each row in a form, which is made once for each row of tiles."""
    made = [form(scene.row(width, ROWS, number)) for number in range(ROWS)]
    return [made[y * ROWS // height] for y in range(height)]


# Component, sampling 1x1, table of quantisation.
_COMPONENTS: Final = b"\x01\x11\x00\x02\x11\x00\x03\x11\x00"


def _jpeg_bits(scene: Scene, across: int, down: int) -> str:
    """Return the blocks' means, each as its difference from the one before."""
    rows = [scene.row(across, ROWS, number) for number in range(ROWS)]
    blocks = [one for y in range(down) for one in rows[y * ROWS // down]]
    means = [*map(_means, scene.colours), (0, 0, 0)]
    codes = {
        (old, new): "".join(map(_difference, map(sub, means[new], means[old])))
        for old in range(3)
        for new in range(2)
    }
    return "".join(codes[pair] for pair in zip([2, *blocks], blocks, strict=False))


def _means(colour: Colour) -> tuple[int, int, int]:
    """Return a colour's luma and chroma, as quantised coefficients of a block's mean."""
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    parts = luma - 128, (blue - luma) / 1.772, (red - luma) / 1.402
    return round(parts[0]), round(parts[1]), round(parts[2])


def _difference(value: int) -> str:
    """Return the code of a difference, its bits, and the end of the block."""
    size = abs(value).bit_length()
    bits = f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""
    return f"{size:04b}{bits}0"


def _bits(value: int, size: int) -> str:
    """Return a number's bits, the lowest first."""
    return f"{value:0{size}b}"[::-1]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
