"""The seeds that come with newsbot, and the template that explains every key."""

import re
import tomllib
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from newsbot.sites.loading import load_site, load_sites
from newsbot.sites.site import Site
from tests.extract.conftest import ROOT

SEEDS = ROOT / "seeds"
# What a line of an optional key begins with: the hash alone, then the key, a value or brackets.
OPTIONAL = re.compile(r'^#(?=[\w\[\]{"])', re.MULTILINE)


def models_of(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    if get_origin(kind) in (tuple, dict, list, UnionType):
        return [model for inner in get_args(kind) for model in models_of(inner)]
    return []


def keys(model: type[BaseModel], found: set[str] | None = None) -> set[str]:
    found = set() if found is None else found
    for name, one in model.model_fields.items():
        found.add(one.alias or name)
        for inner in models_of(one.annotation):
            if inner.__name__ != "Selector":
                keys(inner, found)
    return found


def keys_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return {key for one in value for key in keys_in(one)}
    if isinstance(value, dict):
        return value.keys() | {key for one in value.values() for key in keys_in(one)}
    return set()


def test_the_template_explains_every_key() -> None:
    present = keys_in(tomllib.loads(OPTIONAL.sub("", (SEEDS / "TEMPLATE.toml").read_text())))
    assert {"delay", "article", "items", "container", "drop"} <= keys(Site)
    assert keys(Site) - present == set()


def test_the_template_loads_as_it_is_and_with_every_key_in_use(tmp_path: Path) -> None:
    text = (SEEDS / "TEMPLATE.toml").read_text()
    assert load_site(SEEDS / "TEMPLATE.toml").name == "example"
    full = tmp_path / "full.toml"
    full.write_text(OPTIONAL.sub("", text))
    site = load_site(full)
    assert site.select.container
    assert site.lists[1].next
    assert site.politeness == load_site(SEEDS / "TEMPLATE.toml").politeness
    assert tomllib.loads(full.read_text())["urls"]["hosts"]


def test_the_seeds_load_and_own_their_names() -> None:
    sites = load_sites(SEEDS)
    assert {"antara", "antara-en", "antara-megapolitan", "rakyatnews"} <= set(sites)
    assert sites["rakyatnews"].kind == "aggregator"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.antaranews.com/berita/4682001/judul", "antara"),
        ("https://m.antaranews.com/amp/berita/4682001/judul", "antara"),
        ("https://www.antaranews.com/infografik/4682001/judul", "antara"),
        ("https://en.antaranews.com/news/415459/title", "antara-en"),
        ("https://megapolitan.antaranews.com/berita/364417/judul", "antara-megapolitan"),
        ("https://rakyatnews.example/peskov-kremlin-berupaya-jalin-dialog", "rakyatnews"),
        ("https://rakyatnews.example/dunia/12345", "rakyatnews"),
    ],
)
def test_article_urls_are_told(url: str, site: str) -> None:
    sites = load_sites(SEEDS)
    owner = sites.owner(url)
    assert owner is not None
    assert owner.name == site
    assert owner.is_article(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.antaranews.com/terkini/2",
        "https://www.antaranews.com/tag/beras",
        "https://www.antaranews.com/berita//",
        "https://rakyatnews.example/page/2",
        "https://rakyatnews.example/category/dunia",
        "https://rakyatnews.example/",
    ],
)
def test_other_urls_are_not_articles(url: str) -> None:
    owner = load_sites(SEEDS).owner(url)
    assert owner is not None
    assert not owner.is_article(url)
