"""The published schema and page say what the model says."""

import json

from newsbot.models import Article
from newsbot.schema import article_page, article_schema
from tests.extract.conftest import ROOT, Read


def test_the_page_is_current() -> None:
    written = (ROOT / "docs" / "article.md").read_text()
    assert written == article_page(), "run: python -m newsbot.schema > docs/article.md"


def test_every_field_is_explained() -> None:
    schema = article_schema()
    parts = [schema, *schema["$defs"].values()]
    silent = [
        f"{part['title']}.{name}"
        for part in parts
        for name, field in part["properties"].items()
        if not field.get("description")
    ]
    assert silent == []


def test_an_article_has_the_schemas_fields(read: Read) -> None:
    article = read('<h1 class="post-title">Judul</h1><div class="post-content">Pasar dibuka.</div>')
    line = json.loads(article.to_json())
    schema = article_schema()
    assert list(line) == list(schema["properties"])
    assert line["schema"] == schema["properties"]["schema"]["default"]
    assert Article.model_validate(line) == article
