"""Names of people in print: what they look like and where they end, for pages without rules."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from newsbot.extract.bylines import is_no_name, split_names
from newsbot.extract.date_labels import PUBLISHED, UPDATED
from newsbot.extract.normalise import one_line

# What ends a name: a separator, a bracket, a date, a time, a note on an update.
_AFTER_NAME = re.compile(
    r"(?:(?<!\s)\s+)?(?:[|·•–—(（©\n]|copyright|\s-\s|\s(?:in|on|at|for|with|via|reports|writes)\s"
    rf"|\b(?:{PUBLISHED}|{UPDATED}|view author|get author|see full bio|follow|contact)\b"
    r"|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,|\d{1,2}[./: ]"
    r"|(?:19|20)\d\d|https?:|www\.|@\w+\.|\s@\w).*$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_A_NAME = re.compile(
    r"\d|[?!<>{}=_/+]|\b(?:min read|comments?|share|subscribe|login|bio|profile|more|latest|read"
    r"|the|text size|news desk|staff writer|editor|reporter|correspondent|contributor|fellow|intern"
    r"|author|all rights)\b",
    re.IGNORECASE,
)
# A job title after the name: "Jane Doe, Staff Writer", "Budi, wartawan".
_ROLE_AFTER = re.compile(
    r"(?:(?<![\s,])[\s,]+(?:jurnalis|penulis|wartawan|kontributor|staff writer|contributor)"
    r"|,\s*(?:[\w-]+ ){0,3}(?:reporter|writer|editor|correspondent|staff))$",
    re.IGNORECASE,
)
# "and" in other languages separates names only if both have two words: not "Ortega y Gasset".
_AND = re.compile(
    r"(?<=\w)\s(?:und|et|y|e|och|og|en|ve|и|та|i)\s(?=[^\W\d_]\S*\s[^\W\d_])", re.IGNORECASE
)
# A job title without a comma: "Siti RahmaReporter", "Jane Doe Senior Correspondent".
_GLUED_ROLE = re.compile(
    r"(?:(?<=[a-z])|(?<=\w) )(?:(?:Senior|Chief|Staff) )?(?:Reporter|Editor|Penulis|Wartawan"
    r"|Jurnalis|Kontributor|Pewarta|Correspondent|Contributor|Writer|Journalist)$"
)
_CASELESS = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々・\s]+$")
_HAN_NAMES = re.compile(r"^[\u3400-\u9fff]{2,4}(?:[\s\u3000、]+[\u3400-\u9fff]{2,4})+$")
_HANDLE = re.compile(r"@\w[\w.]{1,40}")
_BRACKETS: Final = "[]［］【】《》〈〉「」()（）"
_PUNCTUATION: Final = f" .,:;-–—：；，、{_BRACKETS}"
_SITE_ADDRESS = re.compile(r"\w\.(?:com|org|net|info|co\.\w\w|[a-z]{2})$", re.IGNORECASE)
_LONGEST: Final = 50
_LONGEST_CASELESS: Final = 20
_FULL_NAME: Final = 2  # words: of more, the last may belong to the job: "Politics Reporter"
_LONGEST_AGENCY: Final = 4  # letters: a longer word in capitals is a place, a shorter one an agency


def names_in(text: str, *, strict: bool) -> list[str]:
    """Return the names in a short text, each once; with ``strict`` only those of two words or more.

    Anything that is not a name is left out, as is text after a name: a job title, a place in
    capitals ("Agence France-Presse, CHARLESTON, South Carolina"), a date.
    """
    clean = _AFTER_NAME.sub("", one_line(text).strip(_BRACKETS))
    names = [name.strip(_PUNCTUATION) for name in split_all_names(without_role(clean))]
    return unique_names(
        name for name in without_affiliation(names) if looks_like_name(name, strict=strict)
    )


def split_all_names(value: str) -> list[str]:
    """Return the names in a text, split at punctuation and at "and" in a dozen languages."""
    text = value.replace("，", ", ").replace("、", ", ").replace("；", "; ")
    found: list[str] = []
    for part in split_names(text.replace(";", "; ")):
        if _HAN_NAMES.match(part):
            found += re.split(r"[\s\u3000]+", part)
        else:
            found += _conjoined(part)
    return found


def without_role(name: str) -> str:
    """Return a name without the job title printed after it."""
    plain = _ROLE_AFTER.sub("", name)
    before = _GLUED_ROLE.sub("", plain)
    return before if len(before.split()) == _FULL_NAME else plain


def without_affiliation(names: list[str]) -> list[str]:
    """Return the names up to a place in capitals or the address of a site."""
    for number, name in enumerate(names[1:], start=1):
        is_place = name.isupper() and name.isascii() and len(name) > _LONGEST_AGENCY
        if (is_place and not names[0].isupper()) or _SITE_ADDRESS.search(name):
            return names[:number]
    return names


def looks_like_name(name: str, *, strict: bool) -> bool:
    """Return whether a text can be a name: few words, mostly capitalised, none excluded."""
    if _HANDLE.fullmatch(name):
        return not strict
    if not 2 <= len(name) <= _LONGEST or _NOT_A_NAME.search(name) or is_no_name(name):
        return False
    if _CASELESS.match(name):
        return len(name) <= _LONGEST_CASELESS
    words = name.split()
    if len(words) > 6 or (strict and len(words) < 2):
        return False
    return sum(not word[0].islower() and word[0].isalpha() for word in words) * 2 > len(words)


def unique_names(names: Iterable[str]) -> list[str]:
    """Return each name once, whatever its case; a spelling not in capitals is preferred."""
    found: dict[str, str] = {}
    for name in names:
        known = found.setdefault(name_key(name), name)
        if known.isupper() and not name.isupper():
            found[name_key(name)] = name
    return list(found.values())


def name_key(text: str) -> str:
    """Return a name's letters and digits in lower case, for comparison."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _conjoined(text: str) -> Iterator[str]:
    """Yield the names of "A B und C D"; the left name needs two words too."""
    start = 0
    for match in _AND.finditer(text):
        if " " not in text[start : match.start()]:
            break
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]
