"""Short lines that name people after a label, in a dozen languages: "Von A und B"."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from newsbot.extract.generic.names import name_key, names_in
from newsbot.extract.normalise import one_line
from newsbot.models import Author, AuthorRole

# Labels followed by a colon.
_COLON_LABELS: Final[dict[AuthorRole, str]] = {
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
# Labels directly followed by a name. "Di" with a capital is Indonesian: in, at.
_PREPOSITIONS: Final = "by|von|oleh|par|por|(?-i:di)|av|af|door"
_PHRASE_LABELS: Final[dict[AuthorRole, str]] = {
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
_LINE_START = r"^[^\w@#]{0,2}"
_BEFORE_LABEL = rf"(?:{_LINE_START}|[\s|·•;/,(（\[［】)）-])"
_BEFORE_PHRASE = rf"(?:{_LINE_START}|[|·•;/,)）]\s?)"


def _patterns() -> Iterator[tuple[AuthorRole, re.Pattern[str]]]:
    for role, words in _COLON_LABELS.items():
        more = r"(?: \w+){0,2}" if role == "translator" else ""
        yield role, re.compile(rf"{_BEFORE_LABEL}(?:{words}){more}{_COLON}", re.IGNORECASE)
    for role, words in _PHRASE_LABELS.items():
        yield role, re.compile(rf"{_BEFORE_PHRASE}(?:{words})(?:{_COLON}|\s)(?=\S)", re.IGNORECASE)
    yield (
        "reporter",
        re.compile(rf"{_LINE_START}(?:{_PREPOSITIONS})(?:{_COLON}|\s)(?=\S)", re.IGNORECASE),
    )


_LABELS: Final = tuple(_patterns())
_ALL_COLON_LABELS = "|".join(_COLON_LABELS.values())
_CLEAR_LABEL = re.compile(
    rf"{_LINE_START}(?:(?:{_ALL_COLON_LABELS})(?: \w+){{0,2}}{_COLON}"
    rf"|(?:{'|'.join(_PHRASE_LABELS.values())})(?:\s|[:：]))",
    re.IGNORECASE,
)
_LABEL_AT_START = re.compile(
    rf"{_LINE_START}(?:(?:{_ALL_COLON_LABELS})(?: \w+){{0,2}}\s?(?:[:：]|$)"
    rf"|(?:{_PREPOSITIONS}|{'|'.join(_PHRASE_LABELS.values())})(?:[\s:：]|$))",
    re.IGNORECASE,
)
_PHOTO_LABEL_AT_END = re.compile(
    rf"{_BEFORE_LABEL}(?:{_COLON_LABELS['photographer']}|{_PHRASE_LABELS['photographer']})\s?[:：]?\s*$",
    re.IGNORECASE,
)
_LONGEST: Final = 140  # characters
_LONGEST_SIGNATURE: Final = 60
_MOST_NAMES: Final = 8
_DESK = re.compile(
    r"^(?:\w{2,12}[ -])?(?:Redaktion|Redaksi|Redacción|Rédaction|Redazione|Redactie)$"
)


def starts_with_label(text: str) -> bool:
    """Return whether a text begins with a label or is one."""
    return _LABEL_AT_START.match(text) is not None


def has_clear_label(line: str) -> bool:
    """Return whether a line begins with an unambiguous label: "by" may begin a headline."""
    return _CLEAR_LABEL.match(line) is not None


def ends_with_photo_label(text: str) -> bool:
    """Return whether a text ends with a photographer's label: no author's name follows it."""
    return _PHOTO_LABEL_AT_END.search(text) is not None


def labelled_people(line: str) -> list[Author]:
    """Return the people that a short line names after its labels, if it begins with one.

    A label within the line ends the names before it. After a colon a name may be one word; after
    "by" and similar words it needs two, because a sentence may follow.
    """
    text = one_line(line) if len(line) <= _LONGEST else ""
    labels = _labels_in(text) if starts_with_label(text) else []
    ends = [*(label.start() for _, label in labels), len(text)][1:]
    found: list[Author] = []
    for (role, label), end in zip(labels, ends, strict=True):
        coloned = label[0].rstrip().endswith((":", "："))
        names = names_in(text[label.end() : end], strict=not coloned)
        found += [Author(name=name, role=role) for name in names]
    return found if len(found) <= _MOST_NAMES else []


def signers(line: str) -> list[Author]:
    """Return the people in a signature line: "(Siti Rahma/Joko)", "Jane Doe", "IN-Redaktion"."""
    text = one_line(line) if len(line) <= _LONGEST_SIGNATURE else ""
    if not text or re.search(r'[:"”]|[.!?]$', text):
        return []
    if _DESK.match(text):
        return [Author(name=text, role="reporter")]
    names = names_in(text.replace("/", ", "), strict=False)
    whole = name_key("".join(names)) == name_key(text)
    full = any(" " in name for name in names) and all(n[0].isupper() for n in names)
    return [Author(name=name, role="reporter") for name in names] if whole and full else []


def main_authors(found: Iterable[Author]) -> list[Author]:
    """Return the authors without photographers, and without editors if others are named."""
    makers = [one for one in dict.fromkeys(found) if one.role != "photographer"]
    return [one for one in makers if one.role != "editor"] or makers


def _labels_in(text: str) -> list[tuple[AuthorRole, re.Match[str]]]:
    """Return the labels in order; of overlapping ones the first, then the longest."""
    matches = [(role, match) for role, pattern in _LABELS for match in pattern.finditer(text)]
    found: list[tuple[AuthorRole, re.Match[str]]] = []
    for role, match in sorted(matches, key=lambda one: (one[1].start(), -one[1].end())):
        if not found or match.start() >= found[-1][1].end():
            found.append((role, match))
    return found
