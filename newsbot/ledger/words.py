"""A text as small numbers: one a word, and the shingles that find texts with words in common.

A word is 16 bits: 14 of its hash (lower case), and whether it is a number or a name. That is all
the ledger keeps of a text to compare it again, 2 bytes a word.
"""

import re
from array import array
from functools import lru_cache
from zlib import crc32

NUMBER = 0x8000
NAME = 0x4000
FACT = NUMBER | NAME  # what one story says otherwise than the next one made from the same template
_BITS = 14
_HASH = (1 << _BITS) - 1

SHINGLE = 4  # words; shorter ones are in every story, longer ones do not survive edits
SHORT = 160  # shingles; a text with no more of them keeps them all
ONE_IN = 8  # of the shingles of longer texts
FEWEST = 12  # words; two texts of less are alike by chance

# Letters, or a number with what parts its digits (15.450, 28/2, 24 - 31), or the end of a sentence.
# Other punctuation is nothing, so that a text with its quotes, dashes and commas set otherwise is
# the same.
_PIECE = re.compile(r"[^\W\d_]+|\d+(?:[^\w\n]{1,3}\d+)*|[.?!:\n]")
_NO_DIGIT = re.compile(r"\D+")
_END = -1
_REMEMBERED = 50_000  # words whose code is not worked out again; some 5 MB
_MIX = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio (Knuth, vol. 3, 6.4)
_64 = (1 << 64) - 1
_WINDOW = (1 << SHINGLE * _BITS) - 1


def words_of(text: str) -> "array[int]":
    """The words of a text in order, 16 bits each.

    A name is a word with a capital that does not begin a sentence.
    """
    found = array("H")
    begins = True
    for piece in _PIECE.findall(text):
        code = _code(piece)
        if code == _END:
            begins = True
        elif begins:
            found.append(code & ~NAME)
            begins = False
        else:
            found.append(code)
    return found


@lru_cache(_REMEMBERED)
def _code(piece: str) -> int:
    """The 16 bits of a word, a name if it has a capital; or the end of a sentence."""
    if piece[0].isdigit():
        return NUMBER | crc32(_NO_DIGIT.sub("", piece).encode()) & _HASH
    if not piece[0].isalpha():
        return _END
    code = crc32(piece.lower().encode()) & _HASH
    return code | NAME if piece[0].isupper() else code


def shingles_of(words: "array[int]") -> list[int]:
    """Hashes of 48 bits of the text's 4-word shingles, each once and in order of size.

    All of a short text, and those 0 modulo 8 of a longer one: two texts so keep the same of what
    they share.
    """
    key = 0
    found = set()
    for place, word in enumerate(words, 1):
        key = (key << _BITS | word & _HASH) & _WINDOW
        if place >= SHINGLE:
            found.add((key * _MIX & _64) >> 16)
    if len(words) - SHINGLE >= SHORT:
        return sorted(value for value in found if value % ONE_IN == 0)
    return sorted(found)
