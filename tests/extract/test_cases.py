"""The cases: each folder is a page, what is known of it, and what a reader would write down.

A folder holds ``page.html`` (the body, whatever it is), ``meta.toml`` (url, site or a [seed] of its
own, fetched_at, and status, content_type, role or position where they matter) and
``expected.json`` (what the page is; of an article every extracted field). A new case is a copied
folder.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsbot.extract import extract
from newsbot.models import Extraction, ListPosition, Page
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site
from tests.extract.conftest import ROOT

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
# Not a reader's business, or made from the other fields.
TECHNICAL = {
    "schema", "extractor", "sources", "fetched_at", "content_sha256", "site", "url",
    "discovered_from", "revision", "origins", "requisites",
}  # fmt: skip


def seen(extraction: Extraction) -> dict[str, Any]:
    """What was extracted, in the form of ``expected.json``."""
    articles = []
    for article in extraction.articles:
        fields = article.model_dump(mode="json", by_alias=True, exclude=TECHNICAL - {"schema"})
        fields.pop("schema")
        if fields["access"] is None:
            del fields["access"]
        for image in fields["images"]:  # what the run adds
            assert image.pop("record") is image.pop("sha256") is None
        fields["text"] = fields["text"].split("\n\n") if fields["text"] else []
        articles.append(fields)
    links = [
        {
            "url": link.url,
            "title": link.hints.title,
            "published_at": at.isoformat() if (at := link.hints.published_at) else None,
            "date_only": link.hints.date_only,
        }
        for link in extraction.links
    ]
    return {
        "kind": extraction.kind,
        "articles": articles,
        "links": links,
        "next_page": extraction.next_page,
        "notes": list(extraction.notes),
    }


def case(folder: Path) -> tuple[Page, Site]:
    meta = tomllib.loads((folder / "meta.toml").read_text())
    if "seed" in meta:
        site = Site.model_validate(meta["seed"])
    else:
        site = load_site(ROOT / "seeds" / f"{meta['site']}.toml")
    page = Page(
        url=meta["url"],
        body=(folder / "page.html").read_bytes(),
        fetched_at=meta["fetched_at"],
        status=meta.get("status", 200),
        content_type=meta.get("content_type", "text/html; charset=UTF-8"),
        role=meta.get("role", "article"),
        position=ListPosition(**meta["position"]) if "position" in meta else None,
    )
    return page, site


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    page, site = case(folder)
    expected = json.loads((folder / "expected.json").read_text())
    assert seen(extract(page, site)) == expected


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 164  # may only rise
