"""Where a seed says that its stories are found: feeds, and lists of pages or in JSON."""

import re
from datetime import date
from typing import Annotated, Any, Self
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    Field,
    model_validator,
)

from newsbot.sites.values import Duration, Selectors, Table, WebUrl, web_url


def _jmespath(value: str) -> str:
    import jmespath  # noqa: PLC0415 - 20 ms, for seeds with lists in JSON

    try:
        jmespath.compile(value)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{value!r} is not a JMESPath expression: {error}") from error
    return value


JmesPath = Annotated[str, AfterValidator(_jmespath)]


class JsonList(Table):
    """Where a list in JSON has its articles: JMESPath expressions (https://jmespath.org).

    Those after ``html`` are relative to one item.
    """

    items: JmesPath = Field("@", description="The array of items.")
    next: JmesPath | None = Field(
        None, description="URL of the following page, or the value of {cursor} in pages."
    )
    html: JmesPath | None = Field(
        None, description="Instead of items: a piece of HTML that has the links."
    )
    url: JmesPath = Field("url", description="URL of the article.")
    title: JmesPath | None = None
    published: JmesPath | None = None
    modified: JmesPath | None = None
    authors: JmesPath | None = Field(None, description="A name, or an array of names.")
    categories: JmesPath | None = Field(None, description="A word, or an array of words.")
    picture: JmesPath | None = Field(None, description="URL of the story's picture.")


Section = Annotated[str, Field(min_length=1, max_length=200)]


class Feed(Table):
    """A feed: its address alone, or a table with the section of its stories."""

    url: WebUrl
    section: Section | None = Field(
        None, description="Section of all its stories, for those whose page has none."
    )
    every: Duration | None = Field(
        None,
        description="Read it at most that often, after everything else and in one try; if unset, "
        "in each crawl.",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"url": web_url(value)} if isinstance(value, str) else value


_DAY_MARKS = {"{yyyy}": "%Y", "{mm}": "%m", "{dd}": "%d"}
_PAGE_MARKS = ("{page}", "{offset}", "{cursor}")


class ListPage(Table):
    """A page of links to articles, newest first, and how to find its following pages."""

    url: WebUrl = Field(
        description="The first page; with {yyyy}, {mm} and {dd} there is one for each day."
    )
    items: Selectors = Field(
        (), description="The links to articles; if unset, every link to an article URL."
    )
    next: Selectors = Field((), description="The link to the following page.")
    pages: str | None = Field(
        None,
        description="URL of page N, used from page 2 on: {page} stands for N, {offset} for the "
        "number of items before it, {cursor} for the value of json.next.",
    )
    per_page: int | None = Field(None, ge=1, description="Items on a page; for {offset}.")
    section: Section | None = Field(
        None, description="Section of all its stories, for those whose page has none."
    )
    json_: JsonList | None = Field(
        None, alias="json", description="For a list in JSON: where it has its articles."
    )
    max_pages: int = Field(50, ge=1, description="Stop here even if no known article turned up.")
    backfill: bool = Field(False, description="Walk it in backfills alone (--since, --until).")

    @model_validator(mode="after")
    def _one_way_to_next_page(self) -> Self:
        marks = [mark for mark in _PAGE_MARKS if mark in (self.pages or "")]
        if self.next and self.pages:
            raise ValueError("give next (a selector) or pages (a URL with {page}), not both")
        if self.pages is not None and len(marks) != 1:
            raise ValueError(
                f"pages: {self.pages!r} must contain one of {{page}}, {{offset}} and {{cursor}}, "
                "in place of the page number"
            )
        if ("{offset}" in marks) != (self.per_page is not None):
            raise ValueError("per_page is needed with {offset} in pages, and only there")
        if self.is_dated and not all(mark in self.url for mark in _DAY_MARKS):
            raise ValueError(f"url: {self.url!r} must have all of {{yyyy}}, {{mm}} and {{dd}}")
        if "{cursor}" in marks and (self.json_ is None or self.json_.next is None):
            raise ValueError("pages: {cursor} is the value of json.next, which is missing")
        return self

    @property
    def is_dated(self) -> bool:
        """Whether there is one such list for each day."""
        return any(mark in self.url for mark in _DAY_MARKS)

    @property
    def end_answers(self) -> tuple[str, ...]:
        """The failures that mean, of a page after the first, that the list has ended."""
        return ("http-404", "http-410", *(("http-400",) if self.json_ is not None else ()))

    def on(self, day: date) -> Self:
        """Return the list of that day."""
        changed = {
            name: _on_day(text, day)
            for name, text in (("url", self.url), ("pages", self.pages))
            if text is not None
        }
        return self.model_copy(update=changed)

    def at(self, url: str) -> Self | None:
        """Return the list whose first page that is, of a dated list that of its day, or None."""
        if not self.is_dated:
            return self if url == self.url else None
        pattern = re.escape(self.url)
        for mark, form in _DAY_MARKS.items():
            name, digits = form[1], len(mark) - 2
            pattern = pattern.replace(re.escape(mark), rf"(?P<{name}>\d{{{digits}}})", 1)
            pattern = pattern.replace(re.escape(mark), rf"(?P={name})")
        found = re.fullmatch(pattern, url)
        return None if found is None else self._on(found["Y"], found["m"], found["d"])

    def _on(self, year: str, month: str, day: str) -> Self | None:
        try:
            return self.on(date(int(year), int(month), int(day)))
        except ValueError:
            return None  # 2025-02-30

    def page_url(self, number: int, cursor: str | None = None) -> str | None:
        """Return the URL of a page by ``pages``; None without it, or without its cursor.

        Args:
            number: from 1.
        """
        if self.pages is None or ("{cursor}" in self.pages and cursor is None):
            return None
        offset = (number - 1) * (self.per_page or 0)
        url = self.pages.replace("{page}", str(number)).replace("{offset}", str(offset))
        return url.replace("{cursor}", quote(cursor or "", safe=""))


def _on_day(text: str, day: date) -> str:
    for mark, form in _DAY_MARKS.items():
        text = text.replace(mark, day.strftime(form))
    return text
