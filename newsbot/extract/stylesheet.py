"""What a style sheet needs: imported sheets, fonts and backgrounds.

Source: CSS Syntax Level 3, CSS Fonts Level 4 and CSS Images Level 4, as far as they name addresses.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import tinycss2

from newsbot.addresses import resolve
from newsbot.models import Requisite

LONGEST: Final = 500_000  # characters that are read of a style sheet: a second of a processor
_MOST: Final = 500  # addresses that are taken from one
_FORMATS: Final = frozenset(
    (
        "woff2",
        "woff",
        "truetype",
        "opentype",
        "woff2-variations",
        "truetype-variations",
        "collection",
    )
)  # of fonts that browsers read today
_STRINGS: Final = frozenset(
    ("image-set", "-webkit-image-set")
)  # functions with addresses in quotes

Tokens = Iterable[Any]


def read_stylesheet(source: str, base: str) -> tuple[Requisite, ...]:
    """Return what the text of a style sheet names, each once, in its order.

    Args:
        base: the address of the style sheet, or of the page that it stands in.
    """
    if "url(" not in source.lower() and "@import" not in source.lower():
        return ()
    tokens = tinycss2.parse_component_value_list(source[:LONGEST], skip_comments=True)
    found: dict[str, Requisite] = {}
    for reference, kind in _references(tokens):
        url = resolve(base, reference)
        if url is not None and len(found) < _MOST:
            url = url.partition("#")[0]
            found.setdefault(url, Requisite(url, kind))
    return tuple(found.values())


def _references(tokens: Tokens) -> Iterator[tuple[str, Any]]:
    """Yield the references and their kinds; blocks are read from a stack, however deep they are."""
    stack = [_with_context(tokens)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        elif isinstance(step, tuple):
            yield step
        else:
            stack.append(step)


def _with_context(tokens: Tokens, *, strings: bool = False) -> Iterator[Any]:
    """Yield references, and iterators over the tokens within blocks and functions."""
    rule = ""  # the at-rule that the tokens belong to
    for token in tokens:
        if token.type == "at-keyword":
            rule = token.lower_value
        elif token.type == "literal" and token.value == ";":
            rule = ""
        elif token.type == "{} block":
            if rule == "font-face":
                yield from _fonts(token.content)
            else:
                yield _with_context(token.content)
            rule = ""
        elif rule == "namespace":
            continue
        elif (reference := _address(token)) is not None:
            yield reference, "style" if rule == "import" else "background"
        elif token.type == "string" and (strings or rule == "import"):
            yield token.value, "style" if rule == "import" else "background"
        elif token.type == "function":
            yield _with_context(token.arguments, strings=token.lower_name in _STRINGS)
        elif token.type.endswith(" block"):
            yield _with_context(token.content)


def _address(token: Any) -> str | None:
    """Return the address in ``url(…)``, with or without quotes."""
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        return next((str(one.value) for one in token.arguments if one.type == "string"), None)
    return None


def _fonts(content: Tokens) -> Iterator[tuple[str, Any]]:
    """Yield the file that a browser loads for a font: of the last ``src``, the first that it reads.

    Earlier ``src`` declarations are for browsers that are gone.
    """
    chosen = None
    for declaration in _split(content, ";"):
        words = [token for token in declaration if token.type != "whitespace"]
        if len(words) > 2 and words[0].type == "ident" and words[0].lower_value == "src":
            chosen = next(filter(None, map(_readable, _split(words[2:], ","))), chosen)
    if chosen is not None:
        yield chosen, "font"


def _readable(source: list[Any]) -> str | None:
    """Return the address of a font's source if browsers read its format."""
    address, names = None, [""]
    for token in source:
        address = address or _address(token)
        if token.type == "function" and token.lower_name == "format":
            names = [
                one.value.lower() for one in token.arguments if one.type in ("string", "ident")
            ]
    is_read = not any(names) or bool(_FORMATS.intersection(names))
    return address if is_read else None


def _split(tokens: Tokens, mark: str) -> Iterator[list[Any]]:
    part: list[Any] = []
    for token in tokens:
        if token.type == "literal" and token.value == mark:
            yield part
            part = []
        else:
            part.append(token)
    yield part
