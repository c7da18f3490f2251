"""The manifest of a run: what it was and what it holds. Written last; without it nothing landed."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from newsbot.errors import FixityError
from newsbot.layout import MANIFEST, is_safe_name
from newsbot.models import RunOutcome

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Part):
    """One file of the run, by its name within it."""

    name: str
    size: int = Field(ge=0, description="Bytes.")
    sha256: Sha256

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not is_safe_name(self.name):
            raise ValueError(f"{self.name!r} is not a name of ours; it might leave the folder")
        return self


class Tool(_Part):
    """What made the run."""

    name: str
    version: str
    extractor: str


class Seed(_Part):
    """The seed as it was used."""

    text: str
    sha256: Sha256


class Previous(_Part):
    """The site's landed run before this one: a link of the chain."""

    run: str
    manifest_sha256: Sha256


class Manifest(_Part):
    """``manifest.json``. Times are UTC. ``files`` is everything of the run but the manifest."""

    schema_: Literal["newsbot.manifest/1"] = Field("newsbot.manifest/1", alias="schema")
    run: str
    site: str
    started: AwareDatetime
    finished: AwareDatetime
    outcome: RunOutcome
    reasons: tuple[str, ...] = Field((), description="Why the outcome is not plainly good.")
    counts: dict[str, Any] = Field(description="At least ``articles``, a number.")
    tool: Tool
    rules: str = Field(description="Digest of the seed's rules, as in each article.")
    seed: Seed
    arguments: dict[str, str | int]
    settings: dict[str, Any] = Field(description="From a fixed list: no secret can get in.")
    files: tuple[FileEntry, ...] = ()
    refers_to: tuple[str, ...] = Field(
        (), description="WARC files of earlier runs that revisit records refer to."
    )
    previous: Previous | None = None
    derived_from: str | None = Field(None, description="On a reprocessed run: its source.")
    synthetic: bool = Field(
        False, description="Whether what was crawled is invented; written only where it is."
    )

    @model_validator(mode="after")
    def _articles_are_counted(self) -> Self:
        articles = self.counts.get("articles")
        if type(articles) is not int or articles < 0:
            raise ValueError(f"counts.articles: {articles!r} is not a number of articles")
        return self

    @model_validator(mode="after")
    def _names_are_sound(self) -> Self:
        names = [entry.name for entry in self.files]
        if len(names) != len(set(names)):
            raise ValueError("files: a name is there twice")
        if MANIFEST in names:
            raise ValueError(f"files: {MANIFEST} cannot hold its own sum")
        unsafe = [name for name in self.refers_to if not is_safe_name(name)]
        if unsafe:
            raise ValueError(f"refers_to: {unsafe[0]!r} is not a name of ours")
        return self

    def to_bytes(self) -> bytes:
        """Indented JSON with a line feed at its end; the same manifest gives the same bytes."""
        fields = self.model_dump(mode="json", by_alias=True)
        if not self.synthetic:
            del fields["synthetic"]  # manifests of before have no such key, and keep their bytes
        return json.dumps(fields, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "manifest.json") -> "Manifest":
        """Return the manifest from its bytes.

        Raises:
            FixityError: it is damaged, hostile, or of a newer newsbot.
        """
        try:
            fields = json.loads(data)
            schema = fields.get("schema") if isinstance(fields, dict) else None
            if schema != "newsbot.manifest/1":
                raise FixityError(
                    f"{where}: schema {schema!r} is not newsbot.manifest/1; if it is newer, "
                    "upgrade newsbot"
                )
            return cls.model_validate(fields)
        except ValidationError as error:
            raise FixityError(f"{where}: not a manifest: {_first_of(error)}") from error
        except (ValueError, RecursionError) as error:
            raise FixityError(f"{where}: not a manifest: {error}") from error


def _first_of(error: ValidationError) -> str:
    """Return the first fault, on one line, and how many more there are."""
    first, *more = error.errors(include_url=False)
    place = ".".join(str(part) for part in first["loc"])
    others = f" (and {len(more)} more)" if more else ""
    return f"{place + ': ' if place else ''}{first['msg']}{others}"
