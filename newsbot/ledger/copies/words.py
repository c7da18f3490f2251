"""A text as small numbers: one a word, and the shingles that find texts with words in common.

A word is 32 bits: 30 of its hash (lower case), and whether it is a number or a name. That is all
the ledger keeps of a text to compare it again, 4 bytes a word. (Of 14 bits of hash two towns were
the same, and with them two dailies that differ in nothing else.)
"""

import re
import sys
from array import array
from itertools import compress
from zlib import crc32

NUMBER = 1 << 31
NAME = 1 << 30
FACT = NUMBER | NAME  # what one story says otherwise than the next one made from the same template
HASH = NAME - 1
WORD, SIZE = "I", 4  # a word's typecode and bytes

SHINGLE = 4  # words; shorter ones are in every story, longer ones do not survive edits
SHORT = 96  # words; of a text of fewer all shingles are kept
MIDDLING = 192  # words; of a text of fewer one shingle in 4, of longer ones one in 8
ASKED = 4  # one in so many, at least, is looked for: a short text may stand in a long one
_FACTORS = (23767, 19471, 31337, 27653)  # odd; their sum, times a hash, has 47 bits
_SUM, _WIDTH = "Q", 8  # a shingle's number: typecode and bytes
# For a step, what makes of the low byte of a shingle's number whether it is kept.
_IS_KEPT = {step: bytes(not value % step for value in range(256)) for step in (1, 4, 8)}
FEWEST = 12  # words; two texts of less are alike by chance

# Letters (anak-anak, a.m.), or a number with what parts its digits (15.450, 28/2), or the end of a
# sentence. Other punctuation is nothing, and so is that within a word, so that a text with its
# quotes, dashes and commas set otherwise, or left out, is the same.
_PIECE = re.compile(r"[^\W\d_]+(?:[-.'’‘–][^\W\d_]+)*|\d+(?:[^\w\s]{1,3}\d+)*|[.?!:]")
_PARTING = re.compile(r"\W+")
# No word has a highest byte of 255, which comes last: the first four such bytes are one end.
_END = b"\xff" * SIZE
_REMEMBERED = 20_000  # tokens whose words are not worked out again; some 2 MB


class _Tokens(dict[str, bytes]):
    """What stands between two spaces, as words and ends of sentences; worked out once."""

    def __missing__(self, token: str) -> bytes:
        if len(self) >= _REMEMBERED:
            self.clear()
        codes = b"".join(map(_code, _PIECE.findall(token)))
        self[token] = codes
        return codes


_tokens = _Tokens()


def words_of(text: str) -> "array[int]":
    """Return the words of a text in order, 32 bits each.

    A name is a word with a capital that does not begin a sentence.
    """
    words = array(WORD)
    for line in text.split("\n"):
        for kept in b"".join(map(_tokens.__getitem__, line.split())).split(_END):
            if kept:
                sentence = words_of_bytes(kept)
                sentence[0] &= ~NAME
                words += sentence
    return words


def _code(piece: str) -> bytes:
    """A word, with the low byte first, a name if it has a capital; or the end of a sentence."""
    if not piece[0].isalnum():
        return _END
    code = crc32(_PARTING.sub("", piece).lower().encode()) & HASH
    if piece[0].isdigit():
        code |= NUMBER
    elif piece[0].isupper():
        code |= NAME
    return code.to_bytes(SIZE, "little")


def one_in(words: int) -> int:
    """Return which part of its shingles a text of so many words keeps: all, or one in 4 or 8."""
    if words < SHORT:
        return 1
    return 4 if words < MIDDLING else 8


def shingles_of(words: "array[int]", at_least: int = ASKED) -> list[int]:
    """Numbers of 47 bits for the text's 4-word shingles, each once and in order of size.

    Of longer texts one in 4, or ``at_least`` one in so many; which has all that other long texts
    keep of the same words. None of a text that is too short to be told from others.
    """
    if len(words) < FEWEST:
        return []
    sums = _sums(words)
    is_kept = sums[::_WIDTH].translate(_IS_KEPT[min(at_least, one_in(len(words)))])
    return sorted(set(compress(low_first(array(_SUM, sums)), is_kept)))


def words_of_bytes(kept: bytes) -> "array[int]":
    """Words that are kept with the low byte first."""
    return low_first(array(WORD, kept))


def low_first(words: "array[int]") -> "array[int]":
    """Return the words with the low byte first, on any machine."""
    if sys.byteorder == "big":
        words = words[:]
        words.byteswap()
    return words


def _sums(words: "array[int]") -> bytes:
    """A number for each shingle, with the low byte first: the sum of its hashes times a factor.

    The hashes are digits, to the base 2**64, of one large number: with four multiplications of
    that all sums are made at once, and none is so large that it is carried.
    """
    raw = low_first(words).tobytes()
    wide = bytearray(len(words) * _WIDTH)
    for at in range(SIZE):
        wide[at::_WIDTH] = raw[at::SIZE]
    mask = int.from_bytes(HASH.to_bytes(_WIDTH, "little") * len(words), "little")
    number = int.from_bytes(wide, "little") & mask
    total = 0
    for factor in _FACTORS:
        total = (total << 8 * _WIDTH) + factor * number
    return total.to_bytes(len(wide) + (SHINGLE - 1) * _WIDTH, "little")[
        (SHINGLE - 1) * _WIDTH : len(wide)
    ]


def kept_of(words: int, shingles: list[int]) -> list[int]:
    """Return those of its shingles that a text of so many words keeps in the index."""
    step = one_in(words)
    return [value for value in shingles if value % step == 0]
