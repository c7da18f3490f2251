"""The manifest of a run and its files; stored last, so a run without one has not landed."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from newsbot.errors import FixityError
from newsbot.layout import MANIFEST, is_safe_name
from newsbot.models import RunOutcome

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _ManifestModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_ManifestModel):
    """One file of the run, by its name within it."""

    name: str
    size: int = Field(ge=0, description="Bytes.")
    sha256: Sha256

    @model_validator(mode="after")
    def _name_is_safe(self) -> Self:
        if not is_safe_name(self.name):
            raise ValueError(f"{self.name!r} is not a safe name: it could point outside the folder")
        return self


class Tool(_ManifestModel):
    """The program that made the run."""

    name: str
    version: str
    extractor: str


class Seed(_ManifestModel):
    """The seed with which the run was crawled."""

    text: str
    sha256: Sha256


class Previous(_ManifestModel):
    """The site's landed run before this one: a link of the chain."""

    run: str
    manifest_sha256: Sha256


class ImportedWarc(_ManifestModel):
    """A WARC file of the run as it was in the source."""

    name: str = Field(description="File of the run.")
    was: str = Field(description="Its name in the source: a file's, or a path in a WACZ.")
    size: int = Field(ge=0, description="Bytes, as it came.")
    sha256: Sha256 = Field(description="As it came; of an uncompressed file, of what zcat gives.")


class Imported(_ManifestModel):
    """What was imported: a file of another program, or of another archive."""

    name: str = Field(description="Name of the file that was imported.")
    kind: Literal["warc", "wacz"]
    size: int = Field(ge=0, description="Bytes.")
    sha256: Sha256
    tool: str | None = Field(None, description="``software`` of its first warcinfo record.")
    files: tuple[ImportedWarc, ...]
    faults: int = Field(
        0, ge=0, description="Faults that it had when it came; imported all the same."
    )

    @property
    def damaged_names(self) -> frozenset[str]:
        """The run's files whose faults came with the source; their SHA-256 proves it."""
        return frozenset(one.name for one in self.files) if self.faults else frozenset()


class Manifest(_ManifestModel):
    """``manifest.json``; times are UTC, and ``files`` lists all files of the run but itself."""

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
    imported: Imported | None = Field(
        None, description="On an imported run: its source; written only there."
    )
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
    def _names_are_valid(self) -> Self:
        names = [entry.name for entry in self.files]
        if len(names) != len(set(names)):
            raise ValueError("files: a name is listed twice")
        if MANIFEST in names:
            raise ValueError(f"files: {MANIFEST} cannot list its own checksum")
        unsafe = [name for name in self.refers_to if not is_safe_name(name)]
        if unsafe:
            raise ValueError(f"refers_to: {unsafe[0]!r} is not a safe name")
        return self

    def to_bytes(self) -> bytes:
        """Return indented JSON with a final line feed, always the same for the same manifest."""
        fields = self.model_dump(mode="json", by_alias=True)
        if not self.synthetic:
            del fields["synthetic"]  # older manifests lack the key, and must keep their bytes
        if self.imported is None:
            del fields["imported"]
        return json.dumps(fields, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "manifest.json") -> "Manifest":
        """Parse and check the manifest.

        Raises:
            FixityError: it is damaged, malicious, or of a newer newsbot.
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
            raise FixityError(f"{where}: not a manifest: {_first_fault(error)}") from error
        except (ValueError, RecursionError) as error:
            raise FixityError(f"{where}: not a manifest: {error}") from error


def _first_fault(error: ValidationError) -> str:
    """Return the first fault on one line, and the number of further ones."""
    first, *more = error.errors(include_url=False)
    place = ".".join(str(part) for part in first["loc"])
    others = f" (and {len(more)} more)" if more else ""
    return f"{place + ': ' if place else ''}{first['msg']}{others}"
