"""Small valid pictures, each of one shade that depends on its address."""

import struct
import zlib


def png(name: str) -> bytes:
    """Return a grey PNG of 16 by 16 pixels."""
    shade = zlib.crc32(name.encode()) & 0xFF
    rows = (b"\x00" + bytes([shade]) * 16) * 16
    header = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"tEXt", b"Title\x00" + name.encode("latin-1", "replace"))
        + _png_chunk(b"IDAT", zlib.compress(rows))
        + _png_chunk(b"IEND", b"")
    )


def jpeg(name: str) -> bytes:
    """Return a grey baseline JPEG of 8 by 8 pixels: one block, of which only the mean is coded."""
    shade = 64 + (zlib.crc32(name.encode()) & 0x3F)  # seven bits, as the DC code says
    bits = f"0{shade:07b}0".ljust(16, "1")  # DC category 7 is the code "0", end of block "0"
    return b"".join(
        (
            b"\xff\xd8",
            _jpeg_segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            _jpeg_segment(0xFE, name.encode("latin-1", "replace")),
            _jpeg_segment(0xDB, b"\x00" + b"\x01" * 64),
            _jpeg_segment(0xC0, b"\x08\x00\x08\x00\x08\x01\x01\x11\x00"),
            _jpeg_segment(0xC4, b"\x00\x01" + bytes(15) + b"\x07"),
            _jpeg_segment(0xC4, b"\x10\x01" + bytes(15) + b"\x00"),
            _jpeg_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            int(bits, 2).to_bytes(2, "big"),
            b"\xff\xd9",
        )
    )


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg_segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
