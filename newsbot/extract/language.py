"""The language of an article: Indonesian or English first, others where the page says so."""

import copy
from functools import cache
from typing import Any, Final

_ENOUGH: Final = 40  # letters; below, the page's own word counts for more than a guess
_SAMPLE: Final = 600
_HOME: Final = ("id", "en")


def language_of(text: str, declared: str | None, usual: str | None) -> str | None:
    """ISO 639-1 code; ``declared`` is the page's ``lang``, ``usual`` the site's own language.

    Only Indonesian and English are told apart by the text, unless page or site name another.
    """
    said = (declared or "").strip().lower().replace("_", "-").split("-")[0]
    said = "id" if said == "in" else said  # the old code for Indonesian
    said = said if len(said) == 2 and said.isalpha() else ""
    if sum(map(str.isalpha, text[:_SAMPLE])) < _ENOUGH:
        return said or usual
    if said in ("", *_HOME) and usual in (None, *_HOME):
        return _classify(text, home=True)
    guess = _classify(text, home=False)
    if said and guess != said and guess not in _HOME:
        return said
    return guess


def _classify(text: str, *, home: bool) -> str:
    label, _ = _identifier(home=home).classify(text[:_SAMPLE])
    return str(label)


@cache
def _identifier(*, home: bool) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    if not home:
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier = copy.copy(_identifier(home=False))
    identifier.set_languages(list(_HOME))
    return identifier
