"""Parts of a run that can be had alone."""

from typing import Literal

Part = Literal["articles", "warc"]


def is_part(name: str, only: Part | None) -> bool:
    """Whether the file of that name belongs to the part; with None, to all of the run."""
    if only == "articles":
        return name == "articles.jsonl.gz"
    if only == "warc":
        return name.startswith("warc/") or name == "index.cdxj"
    return True
