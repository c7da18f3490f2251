"""Texts as 32-bit words, and the shingles that find texts with words in common.

A word is 30 bits of its hash (lower case), and whether it is a number or a name. The ledger keeps
nothing else of a text to compare it later, 4 bytes per word. (With 14 bits of hash two towns were
equal, and so were two dailies that differ in nothing else.)
"""

import re
import sys
from array import array
from itertools import compress
from zlib import crc32

NUMBER = 1 << 31
NAME = 1 << 30
FACT = NUMBER | NAME  # what differs between two stories made from the same template
HASH = NAME - 1
WORD, SIZE = "I", 4  # a word's typecode and bytes

SHINGLE = 4  # words; shorter ones are in every story, longer ones do not survive edits
SHORT = 96  # words; shorter texts keep all shingles
MIDDLING = 192  # words; shorter texts keep one shingle in 4, longer ones one in 8
SEARCH_STEP = 4  # searches use at least one shingle in 4: a long text may contain a short one
_FACTORS = (23767, 19471, 31337, 27653)  # odd; their sum, times a hash, has 47 bits
_SUM, _WIDTH = "Q", 8  # a shingle's number: typecode and bytes
# By step: a table from the low byte of a shingle's number to whether it is kept.
_IS_SAMPLED = {step: bytes(not value % step for value in range(256)) for step in (1, 4, 8)}
FEWEST = 12  # words; shorter texts are similar by chance

# Letters (anak-anak, a.m.), or a number with the separators of its digits (15.450, 28/2), or the
# end of a sentence. Other punctuation is ignored, also within a word, so that texts with different
# quotes, dashes and commas are equal.
_PIECE = re.compile(r"[^\W\d_]+(?:[-.'’‘–][^\W\d_]+)*|\d+(?:[^\w\s]{1,3}\d+)*|[.?!:]")
_SEPARATORS = re.compile(r"\W+")
# No word has a highest byte of 255, which comes last: the first four such bytes are one end.
_END = b"\xff" * SIZE
_MAX_CACHED = 20_000  # tokens whose words are cached; some 2 MB


class _Tokens(dict[str, bytes]):
    """A cache of tokens between two spaces, as words and ends of sentences."""

    def __missing__(self, token: str) -> bytes:
        if len(self) >= _MAX_CACHED:
            self.clear()
        codes = b"".join(map(_word_bytes, _PIECE.findall(token)))
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


def _word_bytes(piece: str) -> bytes:
    """Return a word as little-endian bytes, a name if it has a capital, or a sentence's end."""
    if not piece[0].isalnum():
        return _END
    code = crc32(_SEPARATORS.sub("", piece).lower().encode()) & HASH
    if piece[0].isdigit():
        code |= NUMBER
    elif piece[0].isupper():
        code |= NAME
    return code.to_bytes(SIZE, "little")


def sampling_step(words: int) -> int:
    """Return the step with which a text of so many words samples its shingles: 1, 4 or 8."""
    if words < SHORT:
        return 1
    return 4 if words < MIDDLING else 8


def shingles_of(words: "array[int]", at_least: int = SEARCH_STEP) -> list[int]:
    """Return the text's 4-word shingles as distinct 47-bit numbers in ascending order.

    Longer texts are sampled with their own step, but at least one in ``at_least``, which includes
    all that other long texts keep of the same words. A text too short to be distinguished has none.
    """
    if len(words) < FEWEST:
        return []
    sums = _shingle_sums(words)
    is_sampled = sums[::_WIDTH].translate(_IS_SAMPLED[min(at_least, sampling_step(len(words)))])
    return sorted(set(compress(little_endian(array(_SUM, sums)), is_sampled)))


def words_of_bytes(kept: bytes) -> "array[int]":
    """Return the words of stored bytes, which are little-endian."""
    return little_endian(array(WORD, kept))


def little_endian(words: "array[int]") -> "array[int]":
    """Return the words in little-endian byte order, on any machine."""
    if sys.byteorder == "big":
        words = words[:]
        words.byteswap()
    return words


def _shingle_sums(words: "array[int]") -> bytes:
    """Return a little-endian number for each shingle: the sum of its hashes times factors.

    The hashes are digits, to the base 2**64, of one large number: four multiplications of it
    compute all sums at once, and no sum is large enough to carry.
    """
    raw = little_endian(words).tobytes()
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


def indexed_shingles(words: int, shingles: list[int]) -> list[int]:
    """Return the shingles that a text of so many words keeps in the index."""
    step = sampling_step(words)
    return [value for value in shingles if value % step == 0]
