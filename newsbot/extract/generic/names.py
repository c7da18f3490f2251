"""What a person's name looks like in print, and where it ends: for pages without rules."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from newsbot.extract.bylines import split_names
from newsbot.extract.dates import PUBLISHED, UPDATED
from newsbot.extract.normalise import one_line

# What ends a name: a column, a bracket, a date, a time, a note on the update.
_END = re.compile(
    r"(?:(?<!\s)\s+)?(?:[|·•–—(（©\n]|copyright|\s-\s|\s(?:in|on|at|for|with|via|reports|writes)\s"
    rf"|\b(?:{PUBLISHED}|{UPDATED}|view author|get author|see full bio|follow|contact)\b"
    r"|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,|\d{1,2}[./: ]"
    r"|(?:19|20)\d\d|https?:|www\.|@\w+\.).*$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_A_NAME = re.compile(
    r"\d|[?!<>{}=_/]|\b(?:min read|comments?|share|subscribe|login|bio|profile|more|latest|read|the"
    r"|news desk|staff writer|editor|reporter|correspondent|contributor|fellow|intern|author"
    r"|all rights)\b",
    re.IGNORECASE,
)
# A post held, after the name that holds it: "Jane Doe, Staff Writer", "Budi, wartawan".
_ROLE_AFTER = re.compile(
    r"(?:(?<![\s,])[\s,]+(?:jurnalis|penulis|wartawan|kontributor|staff writer|contributor)"
    r"|,\s*(?:[\w-]+ ){0,3}(?:reporter|writer|editor|correspondent|staff))$",
    re.IGNORECASE,
)
# "and" of other languages joins two names only where either has two words: not "Ortega y Gasset".
_AND = re.compile(
    r"(?<=\w)\s(?:und|et|y|e|och|og|en|ve|и|та|i)\s(?=[^\W\d_]\S*\s[^\W\d_])", re.IGNORECASE
)
_CASELESS = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々・\s]+$")
_HAN_NAMES = re.compile(r"^[\u3400-\u9fff]{2,4}(?:[\s\u3000、]+[\u3400-\u9fff]{2,4})+$")
_BRACKETS: Final = "[]［］【】《》〈〉「」()（）"
_AROUND: Final = f" .,:;-–—：；，、{_BRACKETS}"
_SITE = re.compile(r"\w\.(?:com|org|net|info|co\.\w\w|[a-z]{2})$", re.IGNORECASE)
_LONGEST: Final = 50
_LONGEST_CASELESS: Final = 20
_PLACE: Final = 4  # letters: shorter words in capitals are agencies


def people(text: str, *, strict: bool) -> list[str]:
    """Return the names in a short text, each once; ``strict`` ones have two words at least.

    What is no name is left out, and so is what follows a name: a post, a place in capitals
    ("Agence France-Presse, CHARLESTON, South Carolina"), a date.
    """
    clean = _END.sub("", one_line(text).strip(_BRACKETS))
    names = [name.strip(_AROUND) for name in split(_ROLE_AFTER.sub("", clean))]
    return unique(name for name in without_affiliation(names) if is_person(name, strict=strict))


def split(value: str) -> list[str]:
    """Several names in one text, parted at signs and at "and" in the languages of the press."""
    text = value.replace("，", ", ").replace("、", ", ").replace("；", "; ")
    found: list[str] = []
    for part in split_names(text.replace(";", "; ")):
        if _HAN_NAMES.match(part):
            found += re.split(r"[\s\u3000]+", part)
        else:
            found += _conjoined(part)
    return found


def without_role(name: str) -> str:
    """Return a name without the post that is printed after it."""
    return _ROLE_AFTER.sub("", name)


def without_affiliation(names: list[str]) -> list[str]:
    """The names of one text before a place in capitals or a site's address, which are none."""
    for number, name in enumerate(names[1:], start=1):
        is_place = name.isupper() and name.isascii() and len(name) > _PLACE
        if (is_place and not names[0].isupper()) or _SITE.search(name):
            return names[:number]
    return names


def is_person(name: str, *, strict: bool) -> bool:
    """Whether a text can be a name: short, mostly capitalised words, none that says otherwise."""
    if not 2 <= len(name) <= _LONGEST or _NOT_A_NAME.search(name):
        return False
    if _CASELESS.match(name):
        return len(name) <= _LONGEST_CASELESS
    words = name.split()
    if len(words) > 6 or (strict and len(words) < 2):
        return False
    return sum(not word[0].islower() and word[0].isalpha() for word in words) * 2 > len(words)


def unique(names: Iterable[str]) -> list[str]:
    """Each name once, however it is written; of two ways the one that is not all capitals."""
    found: dict[str, str] = {}
    for name in names:
        known = found.setdefault(letters(name), name)
        if known.isupper() and not name.isupper():
            found[letters(name)] = name
    return list(found.values())


def letters(text: str) -> str:
    """Return a name's letters in one case, by which it is known again."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _conjoined(text: str) -> Iterator[str]:
    """Yield "A B und C D" as two; the left name too needs two words."""
    start = 0
    for match in _AND.finditer(text):
        if " " not in text[start : match.start()]:
            break
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]
