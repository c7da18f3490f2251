"""Short lines that name people after a label, in the languages of the press: "Von A und B"."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from newsbot.extract.generic.names import letters, people
from newsbot.extract.normalise import one_line
from newsbot.models import Author, Role

# Labels that a colon follows.
_WITH_COLON: Final[dict[Role, str]] = {
    "reporter": (
        "penulis|reporter|reporters|pewarta|wartawan|jurnalis|kontributor|laporan|author|authors"
        "|writer|words|reporting|autor|autorin|autoren|autor/in|autorin/autor|text|bericht|auteur"
        "|auteurs|texte|autora|autores|texto|autore|autori|testo|tekst|skribent|forfatter"
        "|автор|авторы|текст|корреспондент|muhabir|yazar|作者|记者|記者|本报记者|文|撰文|著者"
        "|執筆|取材|ライター"
    ),
    "editor": (
        "editor|penyunting|redaktur|edited by|editing|redaktion|редактор|editör|责编|责任编辑"
        "|責任編輯|编辑|編輯|編集"
    ),
    "translator": (
        "penerjemah|translator|translation|translated by|übersetzung|traduction|traduit par"
        "|traducción|traduzione|tradução|çeviri|перевод|翻译|译者|編譯|翻訳"
    ),
    "photographer": (
        "foto|fotos|photo|photos|photography|photographer|photographs|fotografer|bild|bilder"
        "|fotografía|fotografie|fotoğraf|фото|摄影|攝影|写真|撮影"
    ),
}
# Labels that a name follows at once. "Di" with a capital is Indonesian: in, at.
_SHORT: Final = "by|von|oleh|par|por|(?-i:di)|av|af|door"
_BARE: Final[dict[Role, str]] = {
    "reporter": (
        "(?:written|words|story|text|posted|reported|reporting|submitted) by|ditulis oleh"
        "|dilaporkan oleh|geschrieben von|ein beitrag von|écrit par|escrito por|scritto da"
        "|geschreven door|skrevet av|本报记者|本報記者|记者|記者"
    ),
    "editor": "(?:edited|editing|compiled) by|disunting oleh",
    "translator": "translated by|diterjemahkan oleh|übersetzt von|traduit par|traducido por",
    "photographer": (
        "(?:photos?|photographs?|photography|pictures|fotos?) (?:by|von|oleh|de)|illustrations? by"
    ),
}
_COLON = r"\s{0,2}[:：]\s{0,2}"
_START = r"^[^\w@#]{0,2}"
_AMID = rf"(?:{_START}|[\s|·•;/,(（\[［】)）-])"
_AFTER_SIGN = rf"(?:{_START}|[|·•;/,)）]\s?)"


def _patterns() -> Iterator[tuple[Role, re.Pattern[str]]]:
    for role, words in _WITH_COLON.items():
        more = r"(?: \w+){0,2}" if role == "translator" else ""
        yield role, re.compile(rf"{_AMID}(?:{words}){more}{_COLON}", re.IGNORECASE)
    for role, words in _BARE.items():
        yield role, re.compile(rf"{_AFTER_SIGN}(?:{words})(?:{_COLON}|\s)(?=\S)", re.IGNORECASE)
    yield "reporter", re.compile(rf"{_START}(?:{_SHORT})(?:{_COLON}|\s)(?=\S)", re.IGNORECASE)


_LABELS: Final = tuple(_patterns())
_COLONED = "|".join(_WITH_COLON.values())
_STRONG = re.compile(
    rf"{_START}(?:(?:{_COLONED})(?: \w+){{0,2}}{_COLON}"
    rf"|(?:{'|'.join(_BARE.values())})(?:\s|[:：]))",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"{_START}(?:(?:{_COLONED})(?: \w+){{0,2}}\s?(?:[:：]|$)"
    rf"|(?:{_SHORT}|{'|'.join(_BARE.values())})(?:[\s:：]|$))",
    re.IGNORECASE,
)
_PHOTOGRAPHS = re.compile(
    rf"{_AMID}(?:{_WITH_COLON['photographer']}|{_BARE['photographer']})\s?[:：]?\s*$", re.IGNORECASE
)
_LONGEST: Final = 140  # characters
_LONGEST_SIGNATURE: Final = 60
_MOST_NAMES: Final = 8
_DESK = re.compile(
    r"^(?:\w{2,12}[ -])?(?:Redaktion|Redaksi|Redacción|Rédaction|Redazione|Redactie)$"
)


def opens(text: str) -> bool:
    """Return whether a text begins with a label, or is one."""
    return _OPENING.match(text) is not None


def is_strong(line: str) -> bool:
    """Whether a label says by itself that names follow: "by" and "von" may begin a headline."""
    return _STRONG.match(line) is not None


def photographs_follow(text: str) -> bool:
    """Return whether a text ends with a photographer's label: the name after it is no author's."""
    return _PHOTOGRAPHS.search(text) is not None


def named_by(line: str) -> list[Author]:
    """The people that a short line names after its labels; none if it does not begin with one.

    A label amid the line ends the names before it. After a colon a name may be one word; after "by"
    and its like it has two, as other words may follow those.
    """
    text = one_line(line) if len(line) <= _LONGEST else ""
    labels = _labels_in(text) if opens(text) else []
    ends = [*(label.start() for _, label in labels), len(text)][1:]
    found: list[Author] = []
    for (role, label), end in zip(labels, ends, strict=True):
        coloned = label[0].rstrip().endswith((":", "："))
        names = people(text[label.end() : end], strict=not coloned)
        found += [Author(name=name, role=role) for name in names]
    return found if len(found) <= _MOST_NAMES else []


def signature(line: str) -> list[Author]:
    """Who signs a story in its last line: "(Siti Rahma/Joko)", "Jane Doe", "IN-Redaktion"."""
    text = one_line(line) if len(line) <= _LONGEST_SIGNATURE else ""
    if not text or re.search(r'[:"”]|[.!?]$', text):
        return []
    if _DESK.match(text):
        return [Author(name=text, role="reporter")]
    names = people(text.replace("/", ", "), strict=False)
    whole = letters("".join(names)) == letters(text)
    full = any(" " in name for name in names) and all(n[0].isupper() for n in names)
    return [Author(name=name, role="reporter") for name in names] if whole and full else []


def writers(found: Iterable[Author]) -> list[Author]:
    """Return who made a text: no photographers, and the editor only where nobody else is named."""
    made = [one for one in dict.fromkeys(found) if one.role != "photographer"]
    return [one for one in made if one.role != "editor"] or made


def _labels_in(text: str) -> list[tuple[Role, re.Match[str]]]:
    """The labels in their order; of those that overlap the one that begins first, the longest."""
    matches = [(role, match) for role, look in _LABELS for match in look.finditer(text)]
    found: list[tuple[Role, re.Match[str]]] = []
    for role, match in sorted(matches, key=lambda one: (one[1].start(), -one[1].end())):
        if not found or match.start() >= found[-1][1].end():
            found.append((role, match))
    return found
