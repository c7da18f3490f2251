"""Every regular expression takes time in proportion to its text, whatever a stranger writes.

The patterns are found in the package itself. Each is attacked with texts made from it: the start of
something that matches, then a part of that repeated, then a character that spoils it all.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import newsbot
from tests.growth import TIMES, is_steep

SHORT = 512  # characters of an attack; eight times that are tried first
NOTICED = 0.001  # seconds of processor time; below, nothing is measured
ALPHABET = " \t\n\ra1A<>-.,:;/()\"'|_=&#@é日"
ANCHORED = {"match", "fullmatch"}
# Patterns that need not be linear, for their callers bound what they see.
BOUNDED = {"newsbot.extract.dates._ANY_DATE": "sees at most 60 characters"}


@dataclass(frozen=True)
class Found:
    """A pattern, and whether it is tried at the start of its text only."""

    pattern: re.Pattern[Any]
    is_anchored: bool


@cache
def patterns() -> dict[str, Found]:
    """All patterns of the package, by module and name or place."""
    found: dict[str, Found] = {}
    sources = {}
    for info in pkgutil.walk_packages(newsbot.__path__, "newsbot."):
        if ".migrations" not in info.name:
            module = importlib.import_module(info.name)
            sources[info.name] = module, ast.parse(Path(module.__file__ or "").read_text())
    uses = _uses(tree for _, tree in sources.values())
    for name, (module, tree) in sources.items():
        for variable, value in sorted(vars(module).items()):
            methods = uses.get(variable, {"search"})
            for place, pattern in _within(value, f"{name}.{variable}"):
                if not any(one.pattern is pattern for one in found.values()):
                    found[place] = Found(pattern, methods <= ANCHORED)
        for number, (pattern, method) in enumerate(_written(tree)):
            found[f"{name}({number})"] = Found(pattern, method in ANCHORED)
    return found


def _uses(trees: Iterable[ast.AST]) -> dict[str, set[str]]:
    """The methods that are called of each name, in any module."""
    found: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def _within(value: Any, place: str, depth: int = 0) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns that a module's variable holds, however deep."""
    if isinstance(value, re.Pattern):
        yield place, value
    elif depth < 4 and isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _within(one, f"{place}[{number}]", depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for key, one in value.items():
            yield from _within(one, f"{place}[{key}]", depth + 1)
    elif depth < 4 and type(value).__module__.startswith("newsbot") and hasattr(value, "__dict__"):
        yield from _within(vars(value), place, depth + 1)


def _written(tree: ast.AST) -> Iterator[tuple[re.Pattern[Any], str]]:
    """The patterns that are written where they are used: ``re.sub(r"…", …)``."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        pattern = node.args[0]
        if ast.unparse(node.func.value) == "re" and isinstance(pattern, ast.Constant):
            flags = [one for one in ast.walk(node) if isinstance(one, ast.Attribute)]
            ignore = any(one.attr == "IGNORECASE" for one in flags)
            if node.func.attr != "compile":
                yield re.compile(pattern.value, re.IGNORECASE if ignore else 0), node.func.attr


def example(tree: Any, turn: int) -> str:
    """A text that the parsed pattern matches, or nearly; another one for each turn."""
    return "".join(_part(operation, value, turn) for operation, value in tree)


def _part(operation: Any, value: Any, turn: int) -> str:
    if operation is c.LITERAL:
        return chr(value)
    if operation is c.NOT_LITERAL:
        return "x" if chr(value) != "x" else "a"
    if operation is c.ANY:
        return "ax<"[turn % 3]
    if operation is c.IN:
        return _one_of(value, turn)
    if operation in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        least, most, inner = value
        times = max(least, min(most, (1, 2, 0)[turn % 3]))
        return "".join(example(inner, turn + n * (turn % 2)) for n in range(min(times, 40)))
    if operation is c.BRANCH:
        return example(value[1][turn % len(value[1])], turn // 2)
    if operation is c.SUBPATTERN:
        return example(value[3], turn)
    return example(value, turn) if operation is c.ATOMIC_GROUP else ""


def _one_of(items: list[tuple[Any, Any]], turn: int) -> str:
    """A character that the set holds."""
    negated = items[0][0] is c.NEGATE
    kinds = (c.LITERAL, c.RANGE)
    own = "".join(chr(v if op is c.LITERAL else v[0]) for op, v in items if op in kinds)
    fitting = [one for one in own + ALPHABET if any(_holds(one, *i) for i in items) != negated]
    return fitting[turn % len(fitting)] if fitting else "x"


def _holds(character: str, operation: Any, value: Any) -> bool:
    if operation is c.LITERAL:
        return ord(character) == value
    if operation is c.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    classes: dict[str, Callable[[str], bool]] = {
        "DIGIT": str.isdigit, "SPACE": str.isspace,
        "WORD": lambda one: one.isalnum() or one == "_",
    }  # fmt: skip
    name = str(value).removeprefix("CATEGORY_")
    test = classes.get(name.removeprefix("NOT_"))
    return test is not None and test(character) != name.startswith("NOT_")


def attacks(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """How hostile texts begin, and what is repeated behind that."""
    is_text = isinstance(pattern.pattern, str)
    tree = _parser.parse(pattern.pattern, pattern.flags if is_text else pattern.flags & ~re.UNICODE)
    found = dict.fromkeys(("", one) for one in ALPHABET)
    for turn in range(4):
        text = example(tree, turn)[:40]
        for start, length in product(range(len(text)), (1, 3, 40)):
            found[text[:start], text[start : start + length]] = None
    return list(found)


def steep_attack(found: Found) -> str | None:
    """The first attack whose time grows faster than its length.

    What is worse than quadratic takes minutes at this length: the time-out of the test names it.
    """
    pattern = found.pattern
    run: Callable[[Any], Any] = pattern.match if found.is_anchored else pattern.search
    for begin, unit in attacks(pattern):

        def seconds(length: int, begin: str = begin, unit: str = unit) -> float:
            text = begin + unit * (length // len(unit)) + "\x01"
            asked = text.encode() if isinstance(pattern.pattern, bytes) else text
            started = time.process_time()
            run(asked)
            return time.process_time() - started

        if seconds(TIMES * SHORT) > NOTICED and is_steep(seconds, SHORT):
            return f"{begin!r} + {unit!r} * n"
    return None


@pytest.mark.parametrize("name", sorted(patterns()))
def test_a_pattern_is_linear(name: str) -> None:
    if name in BOUNDED:
        pytest.skip(BOUNDED[name])
    attack = steep_attack(patterns()[name])
    assert attack is None, f"{patterns()[name].pattern.pattern!r}: {attack}"


def test_the_attacks_find_what_is_steep() -> None:
    """Patterns that were ours, and held a worker or the whole crawl."""
    for pattern, is_anchored in (
        (rb"[^ \r\n]+[ \t]+(\d{3})", True),
        (r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)[^<>]*>", False),
        (r"\s*,\s*", False),
    ):
        assert steep_attack(Found(re.compile(pattern), is_anchored)), pattern


def test_all_bounded_patterns_are_there() -> None:
    assert BOUNDED.keys() <= patterns().keys()
