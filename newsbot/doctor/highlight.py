"""A copy of a page with what was found outlined and labelled, that runs and loads nothing."""

from collections.abc import Iterator
from html import escape
from typing import Final

from lxml import etree, html
from lxml.etree import _Element as Element

from newsbot.doctor.trial import Trial
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.evidence import elements_of, elements_with
from newsbot.extract.select import selectors_of
from newsbot.sites.seed import PageSelectors

# Nothing is loaded from anywhere, nothing runs, no form is sent: only the copy's own styles apply.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_REMOVED: Final = (
    "script", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet", "base",
    "link", "template", "portal",
)  # fmt: skip
_LABEL: Final = "data-newsbot"
_STYLE: Final = """
[data-newsbot] { outline: 3px solid #c2185b !important; outline-offset: 2px; visibility: visible
  !important; }
[data-newsbot]::before { content: attr(data-newsbot) !important; display: inline-block !important;
  background: #c2185b !important; color: #fff !important; font: 12px/1.4 sans-serif !important;
  padding: 0 4px !important; margin-right: 4px !important; }
a[data-newsbot="article link"] { outline-color: #2e7d32 !important; outline-width: 2px !important; }
a[data-newsbot="article link"]::before { background: #2e7d32 !important; }
#newsbot-legend { all: initial; display: block; background: #fff; color: #000; padding: 8px;
  font: 14px/1.5 sans-serif; border-bottom: 3px solid #c2185b; }
#newsbot-legend th { text-align: left; padding-right: 12px; vertical-align: top; }
"""


def highlighted(trial: Trial) -> str | None:
    """Return the page as HTML with its fields and links labelled; None if it is not HTML."""
    document = parse(decode(trial.page), trial.page.url) if trial.document is not None else None
    if document is None:
        return None
    for element, label in _labels(trial, document):
        known = element.get(_LABEL)
        if known is None or label not in known.split(", "):
            element.set(_LABEL, label if known is None else f"{known}, {label}")
    for anchor in document.root.iter("a"):
        if url := document.url(anchor.get("href")):
            anchor.set("href", url)
    _disarm(document.root)
    _add_head_and_legend(document.root, trial)
    return "<!DOCTYPE html>\n" + str(html.tostring(document.root, encoding="unicode"))


def _labels(trial: Trial, document: Document) -> Iterator[tuple[Element, str]]:
    """Yield what is to be labelled: by the seed's selectors, else where a field's value stands."""
    if trial.fields:
        for key in PageSelectors.model_fields:
            for selector in selectors_of(trial.site, key) if key != "people" else ():
                yield from ((one, f"select.{key}") for one in elements_of(document, selector))
    for field in trial.fields:
        for text in field.written:
            yield from ((one, field.field) for one in elements_with(document, text))
    articles = {link.url for link in trial.links.articles}
    for anchor in document.root.iter("a") if trial.has_seed or not trial.fields else ():
        if (document.url(anchor.get("href")) or "").partition("#")[0] in articles:
            yield anchor, "article link"


def _disarm(root: Element) -> None:
    """Remove what runs, loads or leads away by itself; the policy is a second lock."""
    etree.strip_elements(root, *_REMOVED, with_tail=False)
    for meta in list(root.iter("meta")):
        parent = meta.getparent()
        if meta.get("http-equiv") is not None and parent is not None:
            parent.remove(meta)
    for element in root.iter(etree.Element):
        for name in list(element.attrib):
            is_script = str(element.get(name)).strip().lower().startswith("javascript:")
            if str(name).lower().startswith("on") or name == "ping" or is_script:
                del element.attrib[name]


def _add_head_and_legend(root: Element, trial: Trial) -> None:
    head = next(root.iter("head"), None)
    if head is None:
        head = etree.Element("head")
        root.insert(0, head)
    policy = etree.Element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    referrer = etree.Element("meta", {"name": "referrer", "content": "no-referrer"})
    style = etree.Element("style")
    style.text = _STYLE
    for position, element in enumerate((etree.Element("meta", charset="utf-8"), policy, referrer)):
        head.insert(position, element)
    head.append(style)
    body = next(root.iter("body"), root)
    body.insert(0, html.fragment_fromstring(_legend(trial)))


def _legend(trial: Trial) -> str:
    rows = [
        f"<tr><th>{escape(one.field)}</th><td>{escape(one.by or 'not found')}</td></tr>"
        for one in trial.fields
        if one.by is not None or one.is_expected
    ]
    links = f"{len(trial.links.articles)} article links, {len(trial.links.others)} others"
    heading = f"<p>newsbot try: {escape(trial.page.url)}: {links}</p>"
    return f'<div id="newsbot-legend">{heading}<table>{"".join(rows)}</table></div>'
