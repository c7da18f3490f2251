"""The JSON schema of an article, and the page ``docs/article.md``: both generated from the model.

``python -m newsbot.schema`` prints the page, with ``--json`` the schema.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from newsbot.models import Article

_URI: Final = "https://json-schema.org/draft/2020-12/schema"
_INTRO: Final = """# The fields of an article

One line of `articles.jsonl.gz` is one article as extracted from one capture. This page and the JSON
schema (`newsbot schema`) are generated from `newsbot/models.py`; do not edit this page.

A field that the page does not have is null or empty; if such a page normally has it, it is named in
`missing`. No value is made up. Title, date, authors, section, tags and pictures that the page does
not have come from the feed, sitemap or list that named it, if one gave them; `missing` names them
all the same. The fields down to `sources` depend only on the page, those hints (`hints` in the
crawl log) and the rules: the same capture always gives the same values. The fields after `sources`
describe what was known when the run landed.
"""


def article_schema() -> dict[str, Any]:
    """Return the JSON schema of a line of ``articles.jsonl.gz``."""
    schema = Article.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": _URI, "title": schema.pop("title"), **schema}


def article_page() -> str:
    """Return the page that lists the fields with their meaning, in Markdown."""
    schema = article_schema()
    parts = [_INTRO, *_table(schema)]
    for name, part in schema["$defs"].items():
        parts += [f"\n## {name}\n", f"{part['description']}\n", *_table(part)]
    return "\n".join(parts) + "\n"


def _table(part: dict[str, Any]) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name, field in part["properties"].items():
        meaning = " ".join(field.get("description", "").split()).replace("|", "\\|")
        yield f"| `{name}` | {_type(field)} | {meaning} |"


def _type(field: dict[str, Any]) -> str:
    """Return the name of a field's type, in Markdown."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(option) for option in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    return str(field.get("format") or field.get("type"))


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(article_schema(), indent=1) if "--json" in sys.argv else article_page()
    )
