"""The people in bylines: roles, several names in one line, glued blocks, video crews."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from newsbot.extract.normalise import one_line
from newsbot.extract.organisations import is_organisation
from newsbot.models import Author, AuthorRole

_ROLES: Final[dict[str, AuthorRole | None]] = {
    "pewarta": "reporter", "reporter": "reporter", "penulis": "reporter", "wartawan": "reporter",
    "kontributor": "reporter", "oleh": "reporter", "by": "reporter", "writer": "reporter",
    "author": "reporter", "pewarta/editor": "reporter",
    "penerjemah": "translator", "penterjemah": "translator", "translator": "translator",
    "alih bahasa": "translator",
    "editor": "editor", "penyunting": "editor", "redaktur": "editor", "edited by": "editor",
    "fotografer": "photographer", "pewarta foto": "photographer", "photographer": "photographer",
    "uploader": None, "pengunggah": None,
}  # fmt: skip
_LABELS: Final = "|".join(sorted(map(re.escape, _ROLES), key=len, reverse=True))
# A label begins a line, follows white space or punctuation, or is glued to the end of a name.
_LABEL = re.compile(
    r"(?:(?<=[a-z.)\d])(?=[A-Z])|(?<![^\W\d_]))"
    rf"(?P<label>{_LABELS})\s{{0,3}}:\s{{0,3}}",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:(?<!\s)\s+)?(?:(?:copyright|hak cipta)\b.{0,4}(?:©|\(c\)|\d{4})|©).{0,60}$", re.IGNORECASE
)
_UNLABELLED = re.compile(
    r"^(?:(?P<oleh>Oleh|OLEH)|By|BY|Laporan (?:[Ww]artawan|[Rr]eporter|[Kk]ontributor|[Jj]urnalis)"
    r"(?:\s[^,:]{2,40})?[,:])\s*:?\s+(?P<names>[^:]{2,80})$"
)
# "By The Numbers", "Oleh Oleh Khas Garut", "Text: Small": headings and buttons, not people.
_NO_NAME_START = re.compile(
    r"(?:the|all|this|that|these|those|our|your|their|its|his|her|one|two|three|four"
    r"|five|then|now|next|what|who|why|how|karena|sebab|itu|ini|khas|siapa|para|kami|kita"
    r"|saya|semua|tanpa|dalam|untuk)\b|oleh(?: khas\b|$)"
    r"|(?:[^\W\d_]+\s)?(?:numbers|categor(?:y|ies)|topics?|region|demand|request|invitation"
    r"|appointment|design|default|date|size|popularity|relevance|invitation only)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"small(?:er)?|medium|larger?|big(?:ger)?|normal|size|default|on|off|dark|light|full|auto|english"
    r"|indonesian?|klein|gro(?:ß|ss)|mittel|petite?|moyenne?|pequeño|mediano|kecil|besar|sedang"
    r"|liten|stor|malý|velký|střední|unknown|anonymous|anonim|istimewa|ilustrasi|illustration|none"
    r"|n/?a|null|nan|undefined|author|penulis|handout|dok(?:umen)?|ho|ist|archives?|privat",
    re.IGNORECASE,
)
_WITHIN_HEADING = re.compile(r"\s(?:And|Or|Of|The|For|With|To)\s")
_BRACKETED = re.compile(r"(?:(?<!\s)\s+)?[(\[](?P<inner>[^()\[\]]{2,60})[)\]](?P<stop>[\s.]*)$")
_INITIALS = re.compile(r"[a-z]{2,4}\d?|[A-Z]{2,5}")
_NO_INITIALS = re.compile(
    r"and|or|he|she|his|her|him|km|jam|kg|dan|atau|pro|kontra|ibu|ayah|pria|laki|yoy|qtq|mtm|ytd"
    r"|sic|dst|dll|dkk|etc|ed|lanjut|i{2,3}|iv|vi|wib|wita|wit|usd|idr|gmt|utc|video|foto",
    re.IGNORECASE,
)
_AGENCIES_IN_SMALL: Final = frozenset({"dpa", "afp", "ap", "epd", "ntb"})
_ENDED = re.compile(r"[.!?…][\"”’')\]]*$")
_NAME_WORD = re.compile(
    r"^(?:[^\W\d_a-z][\w'’.\-]*|(?:bin|binti|al|el|van|de|der|von|da|di)\b\.?)$"
)
_SEPARATOR = re.compile(r"(?:(?<!\s)\s+)?(?:/|;|\||&|,\s*(?:dan|and)\s+|\s(?:dan|and)\s)\s*")
_COMMA = re.compile(r"(?:(?<!\s)\s+)?,\s*")
# "M.Si", "S.H.", "Ph.D", "MA": a degree belongs to the name before the comma.
_DEGREE = re.compile(
    r"^(?:[A-Z][A-Za-z]{0,3}\.){1,3}[A-Za-z]{0,4}\.?$|^(?:MA|MM|SH|SE|MH|PhD|Jr\.?|Sr\.?)$"
)
_CREW = re.compile(r"(?:(?<!\s)\s+)?\((?P<names>[^()/\d]{2,40}(?:/[^()/\d]{2,40}){0,8})\)[.\s]*$")
_PHOTO_CREDIT = re.compile(
    r"(?:ANTARA\s?FOTO|ANTARA\s?PHOTO|FOTO\s?ANTARA|Foto:\s?ANTARA)\s?/\s?(?P<name>[^/().\d]{3,40})"
)
_QUOTATION_MARKS: Final = ('"', "“", "‘", "'", "«")
_LONGEST_BLOCK: Final = 400  # characters: the longest byline block that may be glued to a sentence
_LONGEST: Final = 2_000  # characters: a longer line is not a byline
_LONGEST_NAME: Final = 60


def is_byline(line: str) -> bool:
    """Return whether the whole line is a byline: role labels, each with or without names."""
    if len(line) > _LONGEST:
        return False
    text = _COPYRIGHT.sub("", line)
    match = _LABEL.match(text)
    if match is None:
        return _unlabelled_names(text) is not None
    return all(_could_be_names(value) for _, value in _labelled_values(text))


def is_no_name(text: str) -> bool:
    """Return whether words that stand where a name could are those of a heading or a button."""
    return (
        _NO_NAME.fullmatch(text) is not None
        or _NO_NAME_START.match(text) is not None
        or _WITHIN_HEADING.search(text) is not None
    )


def is_role_label(line: str) -> bool:
    """Return whether the line is a role label and nothing else."""
    return line.strip(" :").lower() in _ROLES


def parse_bylines(lines: Iterable[str]) -> tuple[Author, ...]:
    """Return the people that byline lines name, in order, each once for a role."""
    found: dict[Author, None] = {}
    for line in lines:
        text = _COPYRIGHT.sub("", one_line(line))
        if (names := _unlabelled_names(text)) is not None:
            found.update((Author(name=name, role="reporter"), None) for name in split_names(names))
            continue
        for role, value in _labelled_values(text):
            if role is not None:
                found.update((Author(name=name, role=role), None) for name in split_names(value))
    return tuple(found)


def split_names(value: str) -> list[str]:
    """Return the names in "A/B", "A dan B" or "A, B and C"; degrees stay with their names."""
    names: list[str] = []
    for part in _SEPARATOR.split(one_line(value)):
        for piece in _COMMA.split(part):
            if names and _DEGREE.match(piece):
                names[-1] = f"{names[-1]}, {piece}"
            elif name := _trim_name(piece):
                names.append(name)
    return [name for name in names if len(name) <= _LONGEST_NAME]


def split_glued_byline(line: str) -> tuple[str, str] | None:
    """Return the text and the byline block glued to its end: "…katanya.Pewarta: A"."""
    start = max(0, len(line) - _LONGEST_BLOCK)
    for match in _LABEL.finditer(line, start) if ":" in line else ():
        rest = line[match.start() :]
        before = line[: match.start()]
        glued = not before.endswith((" ", *_QUOTATION_MARKS)) or _ENDED.search(before.rstrip())
        if before.strip() and glued and is_byline(rest) and _has_capitalised_names(rest):
            return before.rstrip(), rest
    return None


def _has_capitalised_names(text: str) -> bool:
    """Return whether a byline has names and all of them begin with a capital letter."""
    names = [author.name for author in parse_bylines([text])]
    return bool(names) and all(name[0].isupper() for name in names)


def split_crew(text: str, *, single: bool = True) -> tuple[str, tuple[Author, ...]]:
    """Return a video's text without the crew "(A/B/C)" at its end, and the crew as reporters."""
    match = _CREW.search(text)
    if match is None or not (single or "/" in match["names"]):
        return text, ()
    names = [one_line(name) for name in match["names"].split("/")]
    if not all(_is_capitalised_name(name) for name in names):
        return text, ()
    return text[: match.start()].rstrip(), tuple(Author(name=n, role="reporter") for n in names)


@dataclass(frozen=True, slots=True)
class Signature:
    """What brackets after the last sentence credit: agencies, and people by their names.

    Initials are left out: nobody can tell whose they are.
    """

    source: str | None
    people: tuple[Author, ...]


def split_signature(line: str) -> tuple[str, Signature] | None:
    """Return a line without the signature at its end: "(dpa/hosb)", "(Antaranews/Monalisa)".

    One part alone, or people alone, count only after the end of a sentence.
    """
    match = _BRACKETED.search(line, max(0, len(line) - 80))
    if match is None:
        return None
    before = line[: match.start()].rstrip()
    parts = [one_line(part) for part in re.split(r"[/;,]", match["inner"])]
    agencies = [part for part in parts if _is_credited_agency(part)]
    initials = [part for part in parts if part not in agencies and _are_initials(part)]
    people = [part for part in parts if part not in agencies and part not in initials]
    if not all(map(_is_capitalised_name, people)) or any(map(is_no_name, people)):
        return None
    ended = not before or _ENDED.search(before) is not None
    if not (ended or (len(parts) > 1 and not people and "." not in match["stop"])):
        return None
    if not (agencies or initials) and not (len(parts) > 1 and " " in match["inner"]):
        return None
    signers = tuple(Author(name=name, role="reporter") for name in people)
    return before, Signature("/".join(agencies) or None, signers)


def _is_credited_agency(text: str) -> bool:
    """Return whether a part of a signature is an agency; "kna" could be somebody's initials."""
    short = _INITIALS.fullmatch(text) is not None and text.islower()
    return text in _AGENCIES_IN_SMALL if short else is_organisation(text)


def _are_initials(text: str) -> bool:
    return _INITIALS.fullmatch(text) is not None and _NO_INITIALS.fullmatch(text) is None


def photographers_in(lines: Iterable[str | None]) -> tuple[Author, ...]:
    """Return the photographers that credit lines name: "ANTARA FOTO/Budi Setya/foc."."""
    found: dict[Author, None] = {}
    for line in lines:
        if match := _PHOTO_CREDIT.search(line or ""):
            found[Author(name=one_line(match["name"]), role="photographer")] = None
    return tuple(found)


def _labelled_values(text: str) -> Iterator[tuple[AuthorRole | None, str]]:
    labels = list(_LABEL.finditer(text))
    for number, label in enumerate(labels):
        end = labels[number + 1].start() if number + 1 < len(labels) else len(text)
        yield _ROLES[label["label"].lower()], _trim_name(text[label.end() : end])


def _unlabelled_names(text: str) -> str | None:
    match = _UNLABELLED.match(text)
    names = split_names(match["names"]) if match else []
    if match is None or not all(_is_capitalised_name(n) and not is_no_name(n) for n in names):
        return None
    full = any(" " in name or is_organisation(name) for name in names)
    return match["names"] if full or match["oleh"] else None


def _could_be_names(value: str) -> bool:
    """Return whether the value of a label can be names and is not the rest of a sentence."""
    if len(value) > 2 * _LONGEST_NAME or "?" in value or "!" in value or '"' in value:
        return False
    return all(len(name.split()) <= 7 for name in split_names(value))


def _is_capitalised_name(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= 6 and all(_NAME_WORD.match(word) for word in words)


def _trim_name(text: str) -> str:
    name = text.strip(" \t-–—|,;:*•")
    if name.endswith(".") and not re.search(r"(?:^|[\s.])\w{1,3}\.$", name):
        name = name.rstrip(".")
    return name


# "(ANTARA FOTO/Budi Setya)" or "… ANTARA/Istimewa" at the end of a caption.
_CREDIT = re.compile(
    r"(?:(?<!\s)\s+)?(?:\(\s*(?P<inner>(?:Foto:\s*)?(?:ANTARA|Antara|HO|Dok|REUTERS|Reuters|AFP|Xinhua|Anadolu|AP)\b[^()]{0,80})\)"
    r"|(?P<bare>ANTARA(?:\s?FOTO|\s?PHOTO)?\s?/\s?[^()]{2,80}))[\s.]*$"
)


def split_credit(caption: str) -> tuple[str | None, str | None]:
    """Return a caption without the credit at its end, and the credit without its brackets."""
    match = _CREDIT.search(caption)
    if match is None:
        return caption or None, None
    credit = (match["inner"] or match["bare"]).strip(" .")
    return caption[: match.start()].strip() or None, credit
