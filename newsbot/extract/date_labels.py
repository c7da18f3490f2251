"""Words that tell a date of publication from that of an update, and texts that have both."""

import re
from dataclasses import dataclass
from typing import Final

from newsbot.extract.dates import has_date, without_dates

PUBLISHED: Final = (
    r"publi(?:shed|é|cado|cato|catie|cerad|ceret|sert|kasi|kováno|sh)|(?:first )?posted"
    r"|first published|veröffentlicht|erschienen|pubblicato|gepubliceerd|geplaatst"
    r"|(?:di)?tayang(?:kan)?"
    r"|(?:di)?terbit(?:kan)?|dipublikasikan|dipublish|diunggah|dirilis|giriş|yayınlanma|опубликовано"
    r"|opublikowano|created|erstellt|creado|发布|發布|公開|掲載|입력|نشر|प्रकाशित"
)
"""A pattern of the words before a date of publication."""
UPDATED: Final = (
    r"(?:last )?(?:updated?|modified|changed|revised|amended)(?: (?:on|at))?"
    r"|mis(?:e)? à jour|modifié"
    r"|aktualisiert|letzte änderung|actualizado|atualizado|aggiornato|bijgewerkt|laatste update"
    r"|(?:terakhir )?(?:diperbarui|diperbaharui|diupdate|dimutakhirkan|diubah|direvisi)|pembaruan"
    r"|pemutakhiran|güncelleme|son güncelleme|обновлено|zaktualizowano|aktualizováno|uppdaterad"
    r"|opdateret|oppdatert|更新|수정|تحديث|अपडेट"
)
"""A pattern of the words before the date of an update."""
_UPDATED_WORD = re.compile(rf"(?<!\w)(?:{UPDATED})(?!\w)", re.IGNORECASE)
_PUBLISHED_WORD = re.compile(rf"(?<!\w)(?:{PUBLISHED})(?!\w)", re.IGNORECASE)
_LABEL = re.compile(
    rf"(?<!\w)(?:(?P<published>{PUBLISHED})|(?P<updated>{UPDATED}))(?!\w)", re.IGNORECASE
)
_DIVIDER = re.compile(r" [|/•·–—-] |[;()\n]")
# One of these is in each date: a text with one needs no further look.
_SIGNS = re.compile(
    r"[12][09]\d\d|[٠-٩۰-۹०-९০-৯]{4}|ago|lalu|silam|hari ini|kemarin|today|yesterday"
)
_LONGEST_LINE: Final = 120  # characters of a line of dates
_LONGEST_TEXT: Final = 400  # characters of a text with both dates
_DATE_WORDS = re.compile(
    rf"(?<!\w)(?:{PUBLISHED}|{UPDATED}|WIB|WITA|WIT|GMT|UTC|Uhr|le|on|at|am|um|alle|às|à|pukul|date"
    r"|stand|datum|tanggal)(?!\w)",
    re.IGNORECASE,
)


def is_update_date(text: str) -> bool:
    """Return whether the text around a date says that it is the date of an update."""
    return _UPDATED_WORD.search(text) is not None and _PUBLISHED_WORD.search(text) is None


def has_label(text: str) -> bool:
    """Return whether a text has a word that says what a date in it is of."""
    return _LABEL.search(text) is not None


def publication_part(text: str) -> str:
    """Return the publication's part of a text with both dates ("Updated: … Published: …").

    A text with the date of an update alone, or with one date, is returned as it is.
    """
    return _parts_by_label(text)[0] or text


def update_part(text: str) -> str | None:
    """Return the update's part of a text with both dates; ``None`` if it does not have both."""
    published, updated = _parts_by_label(text)
    return updated if published else None


def is_date_line(text: str) -> bool:
    """Return whether a line consists of dates and the words that introduce them."""
    rest = without_dates(text) if len(text) <= _LONGEST_LINE else ""
    rest = _DATE_WORDS.sub(" ", rest)
    return bool(rest) and rest != text and len(re.findall(r"\w+", rest)) <= 1


@dataclass(slots=True)
class _Piece:
    text: str
    label: str | None


def _parts_by_label(text: str) -> tuple[str | None, str | None]:
    """Return what is said of the publication and of the update, each ``None`` if it has no date.

    A date without a label beside that of an update is the publication's.
    """
    if len(text) > _LONGEST_TEXT or len(_SIGNS.findall(text)) < 2:
        return None, None
    if _UPDATED_WORD.search(text) is None:
        return None, None
    pieces = [piece for piece in _pieces(text) if has_date(piece.text)]
    updated = next((one.text for one in pieces if one.label == "updated"), None)
    others = [one for one in pieces if one.label != "updated"]
    published = next((one.text for one in others if one.label == "published"), None)
    if published is None and others:
        published = others[0].text
    return (published, updated) if updated else (None, None)


def _pieces(text: str) -> list[_Piece]:
    """Return the parts of a text that its labels make; each label is before or after its date."""
    labels = list(_LABEL.finditer(text))
    starts = [0, *(one.start() for one in labels)]
    ends = [*starts[1:], len(text)]
    pieces = [_Piece(text[start:end], None) for start, end in zip(starts, ends, strict=True)]
    for piece, label in zip(pieces[1:], labels, strict=True):
        piece.label = label.lastgroup
    if has_date(pieces[0].text) and not has_date(pieces[-1].text):
        for before, label in zip(pieces, labels, strict=False):  # "28 Nov updated, 27 Nov posted"
            before.label = label.lastgroup
        pieces[-1].label = None
    return [part for piece in pieces for part in _divided(piece)]


def _divided(piece: _Piece) -> list[_Piece]:
    """Return a piece as two if a second date, without a label, stands behind a divider in it."""
    for divider in _DIVIDER.finditer(piece.text):
        first, second = piece.text[: divider.start()], piece.text[divider.end() :]
        if has_date(first) and has_date(second):
            return [_Piece(first, piece.label), _Piece(second, None)]
    return [piece]
