"""Links between pages lead somewhere, and the built site asks no other host for anything."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, name_of, relative_links

# What a browser loads by itself; a link that a reader may follow is not among it.
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=[\"']?(?:https?:)?//[^\s>]+"
    r"|<link\b[^>]*?\bhref=[\"']?(?:https?:)?//[^\s>]+"
    r"|@import[^;]*?//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
    r"|<pre class=[\"']?mermaid[^>]*>",  # Material loads what draws these from a CDN
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_and_anchors_resolve(page: Path) -> None:
    text = page.read_text()
    broken = []
    for link in relative_links(text):
        target = (page.parent / link.path).resolve() if link.path else page
        if not target.exists():
            broken.append(f"{link.path}: no such file")
        elif link.anchor and link.anchor not in anchors(target.read_text()):
            broken.append(f"{link.path}#{link.anchor}: no such heading")
    assert broken == []


def test_pages_of_the_site_link_within_it() -> None:
    """A link out of docs/ works in the repository and is dead on the site."""
    outside = [
        f"{name_of(page)}: {link.path}"
        for page in DOCS.rglob("*.md")
        for link in relative_links(page.read_text())
        if not (page.parent / link.path).resolve().is_relative_to(DOCS)
    ]
    assert outside == []


def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    loaded = {
        f"{path.relative_to(tmp_path)}: {found}"
        for path in tmp_path.rglob("*.html")
        for found in _LOADED.findall(path.read_text())
    }
    assert loaded == set()
    assert (tmp_path / "api.html").read_text().count("NewsbotError") > 0
