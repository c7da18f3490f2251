"""CSS selectors answered from an index of classes: many selectors, one walk through the page.

As XPath each selector walks the whole tree (0.4 ms on an 84 KB page, and a seed has some 40); from
the index it takes microseconds. What is not known here (``:not``, ``:has``, lists with commas …) is
left to XPath, which gives the same elements.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

from cssselect import parse, parser
from cssselect.xpath import ExpressionError
from lxml.etree import XPath
from lxml.etree import _Element as Element

Test = Callable[[Element], bool]
_CLASSES: Any = XPath("//@class")
_IDS: Any = XPath("//@id")


class Index:
    """The elements of a page by class and by id."""

    def __init__(self, root: Element) -> None:
        self.root = root
        # Of attributes, not elements: lxml makes an element's object when it is asked for, and few
        # are. Keyed by the whole attribute, which few elements have alone: split once.
        self._by_class: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        for number, attribute in enumerate(_CLASSES(root)):
            self._by_class[attribute].append((number, attribute))

    @cached_property
    def _by_id(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = defaultdict(list)
        for attribute in _IDS(self.root):
            found[attribute].append(attribute.getparent())
        return found

    @cached_property
    def _keys(self) -> dict[str, list[str]]:
        """The class attributes that have each class in them."""
        keys: dict[str, list[str]] = defaultdict(list)
        for key in self._by_class:
            for name in dict.fromkeys(key.split()):
                keys[name].append(key)
        return keys

    def _of_class(self, name: str) -> list[Element]:
        """Return the elements of a class, in document order."""
        groups = [self._by_class[key] for key in self._keys.get(name, ())]
        found = (
            groups[0]
            if len(groups) == 1
            else sorted((one for group in groups for one in group), key=_place)
        )
        return [attribute.getparent() for _, attribute in found]

    def find(self, css: str) -> list[Element] | None:
        """Return the elements a selector finds; ``None`` if it is not one for the index."""
        tree = _tree(css)
        if tree is None:
            return None
        return list(self._find(tree))

    def _find(self, tree: parser.Tree) -> Iterable[Element]:
        if isinstance(tree, parser.CombinedSelector):
            found: dict[Element, None] = {}
            lefts = list(self._find(tree.selector))
            for left in lefts:
                found.update(dict.fromkeys(_below(left, tree.combinator, tree.subselector)))
            if tree.combinator == ">" and len(lefts) > 1:  # children of nested elements
                return [element for element in self.root.iter() if element in found]
            return found
        matches = _test(tree)
        return [element for element in self._candidates(tree) if matches(element)]

    def _candidates(self, tree: parser.Tree) -> Iterable[Element]:
        for part in _parts(tree):
            if isinstance(part, parser.Class):
                return self._of_class(part.class_name)
            if isinstance(part, parser.Hash):
                return self._by_id.get(part.id, ())
        tag = _tag(tree)
        return self.root.iter(tag) if tag else self.root.iter()


def _place(one: tuple[int, Any]) -> int:
    return one[0]


def _below(left: Element, combinator: str, tree: parser.Tree) -> Iterator[Element]:
    """Yield the elements that stand in the combinator's relation to ``left`` and match."""
    matches, tag = _test(tree), _tag(tree)
    if combinator == ">":
        around: Iterable[Element] = left
    else:
        around = left.iter(tag) if tag else left.iter()
    for element in around:
        if element is not left and matches(element):
            yield element


@lru_cache(maxsize=4096)
def _tree(css: str) -> parser.Tree | None:
    """Return the parsed selector, if all of it is known here."""
    selectors = parse(css)
    if len(selectors) != 1 or selectors[0].pseudo_element is not None:
        return None
    tree = selectors[0].parsed_tree
    try:
        side: parser.Tree = tree
        while isinstance(side, parser.CombinedSelector):
            if side.combinator not in (" ", ">"):
                return None
            _test(side.subselector)
            side = side.selector
        _test(side)
    except ExpressionError:
        return None
    return tree


def _parts(tree: parser.Tree) -> Iterator[parser.Tree]:
    """Yield the simple selectors of a compound one, from the last to the element's."""
    while True:
        yield tree
        if isinstance(tree, parser.Element):
            return
        tree = tree.selector


def _tag(tree: parser.Tree) -> str | None:
    for part in _parts(tree):
        if isinstance(part, parser.Element) and part.element:
            return part.element.lower()
    return None


@lru_cache(maxsize=4096)
def _test(tree: parser.Tree) -> Test:
    """Return a function that tells whether an element matches a compound selector."""
    tests = [_simple(part) for part in _parts(tree)]
    return lambda element: all(test(element) for test in tests)


def _simple(part: parser.Tree) -> Test:
    match part:
        case parser.Element():
            tag = part.element.lower() if part.element else None
            return lambda e: tag is None or e.tag == tag
        case parser.Class():
            name = part.class_name
            return lambda e: name in (e.get("class") or "").split()
        case parser.Hash():
            wanted = part.id
            return lambda e: e.get("id") == wanted
        case parser.Attrib():
            return _attribute(part)
        case parser.Pseudo(ident="first-child"):
            return lambda e: e.getprevious() is None
        case parser.Pseudo(ident="last-child"):
            return lambda e: e.getnext() is None
        case parser.Function(name="nth-child") if part.argument_types() == ["NUMBER"]:
            number = int(part.arguments[0].value or 0)
            return lambda e: sum(1 for _ in e.itersiblings(preceding=True)) == number - 1
    raise ExpressionError(f"not for the index: {part!r}")


def _attribute(part: parser.Attrib) -> Test:
    name = part.attrib.lower()
    value = part.value.value if part.value is not None else ""
    match part.operator:
        case "exists":
            return lambda e: e.get(name) is not None
        case "=":
            return lambda e: e.get(name) == value
        case "~=" if value:
            return lambda e: value in (e.get(name) or "").split()
        case "^=" if value:
            return lambda e: (e.get(name) or "").startswith(value)
        case "$=" if value:
            return lambda e: (e.get(name) or "").endswith(value)
        case "*=" if value:
            return lambda e: value in (e.get(name) or "")
    raise ExpressionError(f"not for the index: {part.operator!r}")
