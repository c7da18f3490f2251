"""Compares two texts word by word, and decides whether one is a copy of the other.

Shared runs of three words are found first, and the words between two runs are compared in place.
This shows how a text was changed, which no count of shingles does:

- An edited copy is changed a little everywhere; two stories that share their background have some
  paragraphs in common, but not others, and rarely their beginnings.
- Two dailies made from one template differ in their numbers and names and in little else; a copy
  keeps its facts.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb

from newsbot.ledger.copies.words import FACT, FEWEST, HASH, NAME, NUMBER

SHORT = 80  # words; in fewer, what is changed weighs more
CONTAINED = 0.68  # of the words; copies with 20 % of their words changed have 0.73 and more
CONTAINED_SHORT = 0.62  # likewise 0.66
LEAD = 0.5  # of the first 20 words
LEAD_OF_BLOCKS = 0.7
BLOCK = 10  # consecutive words that the other lacks: news of its own rather than an edit
CONTAINED_IN_BLOCKS = 0.78
FOR_A_FACT = 0.2  # of the edits that replace a fact put another fact in its place, at most
BY_CHANCE = 0.002  # facts that differ so much more than other words are those of another story
_GAP = 25  # words between two runs that are compared in place; more are another paragraph
_EDGE = 8  # likewise before the first run and after the last
_FAR = 4  # words; a shorter run that does not continue the text matches by chance
_NEAR = 8  # words from where the text continues, since some were removed or added
_PLACES = 8  # positions of a run in the other text that are tried


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts share.

    ``here`` and ``there`` have a byte for each word of the first and the second text, 1 where the
    other has it too. ``contained``: the first is a part of the second; ``contains``: the second is
    a part of the first; both hold for texts that are the same as a whole.
    """

    here: bytearray
    there: bytearray
    templated: bool

    @property
    def contained(self) -> bool:
        """Whether the second text contains the first, including its beginning."""
        return _is_part(self.here) and not self.templated

    @property
    def contains(self) -> bool:
        """Whether the first text contains the second, including its beginning."""
        return _is_part(self.there) and not self.templated

    @property
    def is_copy(self) -> bool:
        """Whether one is a copy of the other, whole or in part."""
        return self.contained or self.contains

    def swapped(self) -> "Likeness":
        """Return the likeness as seen from the second text."""
        return replace(self, here=self.there, there=self.here)

    @property
    def similarity(self) -> float:
        """The share of common words in the text where it is larger, 0 to 1."""
        return max(share(self.here), share(self.there))


def likeness(first: "array[int]", second: "array[int]") -> Likeness:
    """Compare two texts, given as ``words_of`` them."""
    if len(first) > len(second):
        return likeness(second, first).swapped()
    found = _Pairs(first, second).likeness()
    if found.is_copy and len(second) <= SHORT:  # the runs may differ when searched from the second
        found = replace(found, templated=_Pairs(second, first).likeness().templated)
    return found


def share(covered: bytearray) -> float:
    """Return the part of the words that is covered, 0 to 1."""
    return sum(covered) / len(covered) if covered else 0.0


def _is_part(covered: bytearray) -> bool:
    """Return whether enough words are covered, also at the beginning, which has the news."""
    enough, lead = CONTAINED_SHORT, LEAD
    if len(covered) > SHORT:
        in_blocks = b"\0" * BLOCK in covered
        enough, lead = (CONTAINED_IN_BLOCKS, LEAD_OF_BLOCKS) if in_blocks else (CONTAINED, LEAD)
    if len(covered) < FEWEST or share(covered) < enough:
        return False
    return share(covered[: max(FEWEST, min(20, len(covered) // 3))]) >= lead


class _Pairs:
    """The words of a text and a longer one, paired where they are the same."""

    def __init__(self, first: "array[int]", second: "array[int]") -> None:
        self._first, self._second = first, second
        self._a = [word & HASH for word in first]
        self._b = [word & HASH for word in second]
        self.of_first = bytearray(len(first))  # 1 where the word is paired
        self.of_second = bytearray(len(second))
        self._changed = {NUMBER: 0, NAME: 0, 0: 0}  # 0: words that are neither
        self._pair()

    def likeness(self) -> Likeness:
        """Return the likeness that was found."""
        return Likeness(self.of_first, self.of_second, self._is_template())

    def _is_template(self) -> bool:
        """Return whether numbers and names differ more often than the other words explain.

        In a short text nothing else needs to differ: another place makes another story.
        """
        changed = self._changed
        if not changed[NUMBER] + changed[NAME]:
            return False
        if not changed[0] and len(self._a) <= SHORT:
            return True
        same = Counter(w & FACT for w, has in zip(self._first, self.of_first, strict=True) if has)
        rate = (changed[0] + 0.5) / (changed[0] + same[0] + 1)
        numbers, names = changed[NUMBER], changed[NAME]
        both = numbers + names + same[NUMBER] + same[NAME]
        chance = min(
            binomial_tail(numbers, numbers + same[NUMBER], FOR_A_FACT * rate),
            binomial_tail(numbers + names, both, FOR_A_FACT * rate),
        )
        return chance * self._evenness(rate) < BY_CHANCE

    def _evenness(self, rate: float) -> float:
        """Return the probability of the longest unchanged run if changes were spread evenly.

        Sentences of a template without a variable are such runs; an edited text has none.
        """
        longest = max(map(len, bytes(self.of_first).split(b"\0")))
        return min(1.0, len(self._a) * rate * (1 - rate) ** longest)

    def _pair(self) -> None:
        i = j = 0  # after the last run
        for start, there, length in self._runs():
            if i == 0:
                self._before(start, there)
            else:
                self._between(i, start, j, there)
            self._take(start, there, length)
            i, j = start + length, there + length
        if i:
            self._behind(i, j)

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield runs of three or more words: position in the first and second text, and length."""
        a, b = self._a, self._b
        wanted = list(zip(a, a[1:], a[2:], strict=False))
        places: dict[tuple[int, int, int], list[int]] = {key: [] for key in wanted}
        for j, key in enumerate(zip(b, b[1:], b[2:], strict=False)):
            if key in places:
                places[key].append(j)
        i, shift, last = 0, 0, len(wanted)
        while i < last:
            where = places[wanted[i]]
            if not where:
                i += 1
                continue
            if len(where) > 1:
                where = sorted(where, key=lambda j: abs(j - i - shift))[:_PLACES]
            length, j = max((self._length(i, j), -k, j) for k, j in enumerate(where))[::2]
            if length < _FAR and abs(j - i - shift) > _NEAR:
                i += 1
                continue
            yield i, j, length
            shift = j - i
            i += length

    def _length(self, i: int, j: int) -> int:
        length, most = 3, min(len(self._a) - i, len(self._b) - j)
        while length < most and self._a[i + length] == self._b[j + length]:
            length += 1
        return length

    def _take(self, i: int, j: int, length: int) -> None:
        self.of_first[i : i + length] = self.of_second[j : j + length] = b"\1" * length

    def _between(self, i: int, i_end: int, j: int, j_end: int) -> None:
        """Compare the words between two runs: those in the same position are equal or changed.

        Positions count from the run before; where words were removed or added, also from the run
        after.
        """
        if i_end - i > _GAP or not 0 <= j_end - j <= _GAP:
            return
        self._in_place(i, i_end, j, j_end)
        if i_end - i != j_end - j:
            size = min(i_end - i, j_end - j)
            self._in_place(i_end - size, i_end, j_end - size, j_end)
        self._differ(i, i_end, j, j_end)

    def _before(self, i: int, j: int) -> None:
        size = min(_EDGE, i, j)
        self._in_place(i - size, i, j - size, j)
        self._differ(i - size, i, j - size, j)

    def _behind(self, i: int, j: int) -> None:
        size = min(_EDGE, len(self._a) - i, len(self._b) - j)
        self._in_place(i, i + size, j, j + size)
        self._differ(i, i + size, j, j + size)

    def _in_place(self, i: int, i_end: int, j: int, j_end: int) -> None:
        for k in range(min(i_end - i, j_end - j)):
            if self._a[i + k] == self._b[j + k]:
                self.of_first[i + k] = self.of_second[j + k] = 1

    def _differ(self, i: int, i_end: int, j: int, j_end: int) -> None:
        lost = _kinds(self._first[i:i_end], self.of_first[i:i_end])
        added = _kinds(self._second[j:j_end], self.of_second[j:j_end])
        self._changed[0] += lost.count(0)
        for kind in (NUMBER, NAME):  # a fact that was removed does not count as replaced
            self._changed[kind] += min(lost.count(kind), added.count(kind))


def _kinds(words: "array[int]", covered: bytearray) -> list[int]:
    return [word & FACT for word, has in zip(words, covered, strict=True) if not has]


def binomial_tail(hits: int, of: int, rate: float) -> float:
    """Return the probability of ``hits`` or more hits (binomial distribution)."""
    return 1 - sum(comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(hits))
