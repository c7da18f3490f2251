"""CSS selectors evaluated with an index of classes and ids.

As XPath each selector walks the whole tree (0.4 ms on an 84 KB page, and a seed has about 40); with
the index it takes microseconds. Selectors that are not supported here (``:not``, ``:has``, lists
with commas …) are left to XPath, which gives the same elements.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any

from cssselect import parse, parser
from cssselect.xpath import ExpressionError
from lxml.etree import XPath
from lxml.etree import _Element as Element

_Matcher = Callable[[Element], bool]
_CLASS_ATTRIBUTES: Any = XPath("//@class")
_ID_ATTRIBUTES: Any = XPath("//@id")


class ElementIndex:
    """The elements of a page by class and by id."""

    def __init__(self, root: Element) -> None:
        self.root = root
        # Attributes, not elements: lxml creates the object of an element on access, and few are
        # needed. The key is the whole attribute: many elements share it, so it is split once.
        self._by_class_attribute: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        for number, attribute in enumerate(_CLASS_ATTRIBUTES(root)):
            self._by_class_attribute[attribute].append((number, attribute))

    @cached_property
    def _by_id(self) -> dict[str, list[Element]]:
        found: dict[str, list[Element]] = defaultdict(list)
        for attribute in _ID_ATTRIBUTES(self.root):
            found[attribute].append(attribute.getparent())
        return found

    @cached_property
    def _attributes_by_class(self) -> dict[str, list[str]]:
        """The class attributes that contain each class."""
        keys: dict[str, list[str]] = defaultdict(list)
        for key in self._by_class_attribute:
            for name in dict.fromkeys(key.split()):
                keys[name].append(key)
        return keys

    def _of_class(self, name: str) -> list[Element]:
        """Return the elements that have a class, in document order."""
        groups = [self._by_class_attribute[key] for key in self._attributes_by_class.get(name, ())]
        found = (
            groups[0]
            if len(groups) == 1
            else sorted((one for group in groups for one in group), key=_position)
        )
        return [attribute.getparent() for _, attribute in found]

    def find(self, css: str) -> list[Element] | None:
        """Return the elements that a selector matches; ``None`` if it is not supported here."""
        tree = _supported_selector(css)
        if tree is None:
            return None
        return list(self._find(tree))

    def _find(self, tree: parser.Tree) -> Iterable[Element]:
        if isinstance(tree, parser.CombinedSelector):
            found: dict[Element, None] = {}
            lefts = list(self._find(tree.selector))
            for left in lefts:
                found.update(dict.fromkeys(_matches_below(left, tree.combinator, tree.subselector)))
            if tree.combinator == ">" and len(lefts) > 1:  # children of nested elements
                return [element for element in self.root.iter() if element in found]
            return found
        matches = _matcher(tree)
        return [element for element in self._candidates(tree) if matches(element)]

    def _candidates(self, tree: parser.Tree) -> Iterable[Element]:
        for part in _simple_selectors(tree):
            if isinstance(part, parser.Class):
                return self._of_class(part.class_name)
            if isinstance(part, parser.Hash):
                return self._by_id.get(part.id, ())
        tag = _tag_name(tree)
        return self.root.iter(tag) if tag else self.root.iter()


def _position(one: tuple[int, Any]) -> int:
    return one[0]


def _matches_below(left: Element, combinator: str, tree: parser.Tree) -> Iterator[Element]:
    """Yield the children (``>``) or descendants of ``left`` that match the compound selector."""
    matches, tag = _matcher(tree), _tag_name(tree)
    if combinator == ">":
        candidates: Iterable[Element] = left
    else:
        candidates = left.iter(tag) if tag else left.iter()
    for element in candidates:
        if element is not left and matches(element):
            yield element


@lru_cache(maxsize=4096)
def _supported_selector(css: str) -> parser.Tree | None:
    """Return the parsed selector if all its parts are supported here, else ``None``."""
    selectors = parse(css)
    if len(selectors) != 1 or selectors[0].pseudo_element is not None:
        return None
    tree = selectors[0].parsed_tree
    try:
        side: parser.Tree = tree
        while isinstance(side, parser.CombinedSelector):
            if side.combinator not in (" ", ">"):
                return None
            _matcher(side.subselector)
            side = side.selector
        _matcher(side)
    except ExpressionError:
        return None
    return tree


def _simple_selectors(tree: parser.Tree) -> Iterator[parser.Tree]:
    """Yield the simple selectors of a compound one, from the last to the type selector."""
    while True:
        yield tree
        if isinstance(tree, parser.Element):
            return
        tree = tree.selector


def _tag_name(tree: parser.Tree) -> str | None:
    for part in _simple_selectors(tree):
        if isinstance(part, parser.Element) and part.element:
            return part.element.lower()
    return None


@lru_cache(maxsize=4096)
def _matcher(tree: parser.Tree) -> _Matcher:
    """Return a predicate for elements that match a compound selector."""
    matchers = [_simple_matcher(part) for part in _simple_selectors(tree)]
    return lambda element: all(matches_part(element) for matches_part in matchers)


def _simple_matcher(part: parser.Tree) -> _Matcher:
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
            return _attribute_matcher(part)
        case parser.Pseudo(ident="first-child"):
            return lambda e: e.getprevious() is None
        case parser.Pseudo(ident="last-child"):
            return lambda e: e.getnext() is None
        case parser.Function(name="nth-child") if part.argument_types() == ["NUMBER"]:
            number = int(part.arguments[0].value or 0)
            return lambda e: sum(1 for _ in e.itersiblings(preceding=True)) == number - 1
    raise ExpressionError(f"not supported by the index: {part!r}")


def _attribute_matcher(part: parser.Attrib) -> _Matcher:
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
    raise ExpressionError(f"not supported by the index: {part.operator!r}")
