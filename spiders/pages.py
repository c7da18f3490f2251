"""Pages of a site: requested plainly or in the browser, followed where they refresh."""

from typing import Any, cast

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.addresses import resolve
from newsbot.capture.recorder import RENDER, ROLE
from newsbot.crawl.destinations import Destinations
from newsbot.crawl.outcomes import record_of
from newsbot.crawl.refresh import refresh_of, why_not_followed
from newsbot.crawl.run import Run
from newsbot.errors import CaptureError, CrawlStopped
from newsbot.models import PageRole

_UNRENDERED = ("feed", "sitemap", "requisite")
_REFRESHES = "refreshes"  # key in request.meta


class PageSpider(Spider):
    """Requests the pages of a run, and records those that fail."""

    def __init__(self, run: Run, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.site = run.site
        self.allowed_domains = list(run.site.hosts)
        self._destinations = Destinations(run.site)

    def request(
        self, url: str, callback: Any, role: PageRole, *, priority: int,
        cb_kwargs: dict[str, Any] | None = None, **meta: Any,
    ) -> Request:  # fmt: skip
        """Return a request for a page in a role, for the browser where the site needs it."""
        is_shown = role == "article" and self.site.archive.screenshots == "all"
        if role not in _UNRENDERED and (is_shown or self._needs_rendering(url)):
            meta[RENDER] = True
        address = (resolve(url, url) or url).partition("#")[0]
        made = Request(
            address,
            callback=callback,
            errback=self.on_failure,
            cb_kwargs=cb_kwargs or {},
            priority=priority,
            meta={ROLE: role, "verbatim_url": True, **meta},  # as a browser sends it
            headers={"Referer": meta["discovered_from"]} if meta.get("discovered_from") else None,
            dont_filter=True,  # the queue gives each article once, whatever its address looks like
        )
        self.run.outcomes.accounts.open(made)
        return made

    def on_failure(self, failure: Failure) -> None:
        """Record a failed request; one that a stopped crawl has given up stays open."""
        if isinstance(failure.value, CrawlStopped):
            return
        if isinstance(failure.value, CaptureError):
            self.run.outcomes.accounts.settle(failure.request)  # type: ignore[attr-defined]
            self.run.stop(failure.value)
            return
        why = self.run.outcomes.record_failure(failure)
        self.logger.warning("%s: %s", failure.request.url, why)  # type: ignore[attr-defined]

    # -- pages that need a browser -------------------------------------------------------------

    def _needs_rendering(self, url: str) -> bool:
        """Return whether the page is rendered in a browser from the start."""
        mode = self.site.render_of(url)
        known = self.site.pattern_of(url) in self.run.outcomes.browser_patterns
        return self._can_render and (mode == "always" or (mode == "auto" and known))

    @property
    def _can_render(self) -> bool:
        return bool(self.settings.get("CHROMIUM"))

    def _is_worth_rendering(self, response: Response) -> bool:
        """Return whether a page without content should be rendered in a browser."""
        if response.meta.get(RENDER) or self.site.render_of(response.url) != "auto":
            return False
        if not self._can_render:
            self.run.stats.count_problem(
                "needs-browser: pages had no article, and no browser was found to render them"
            )
        return self._can_render

    def _rendering_request(self, response: Response) -> Request:
        """Return the same request for the browser; record the first response as a shell."""
        request = cast("Request", response.request)
        self.run.recording.journal.write_outcome(record_of(response).record_id, "shell")
        self.run.stats.discount_answer(response.meta[ROLE])
        again = request.replace(url=response.url, meta={**request.meta, RENDER: True})
        self.run.outcomes.accounts.open(again)
        return again

    # -- pages that lead elsewhere -------------------------------------------------------------

    def _led_elsewhere(self, response: Response) -> Request | str | None:
        """Return where a page without content sends its reader: the request, or why there is none.

        None if it sends nobody anywhere. Refreshes of pages with content are for readers who stay.
        """
        role, hops = response.meta[ROLE], response.meta.get(_REFRESHES, 0)
        refresh = refresh_of(response)
        if refresh is not None:
            why = why_not_followed(refresh, response, role, hops, self._destinations)
            return why or self._refresh_request(response, str(refresh.url), hops)
        was_led = hops > 0 or bool(response.meta.get("redirect_urls"))
        is_other = role == "article" and was_led and not self.site.is_article(response.url)
        return "redirect-to-no-article" if is_other else None

    def _refresh_request(self, response: Response, url: str, hops: int) -> Request:
        self.run.recording.journal.write_outcome(record_of(response).record_id, "redirect")
        self.run.stats.discount_answer(response.meta[ROLE])  # the page that follows is counted
        request = cast("Request", response.request)
        following = request.replace(url=url, meta={**request.meta, _REFRESHES: hops + 1})
        following.headers.pop("Cookie", None)  # of a gate that the request before has passed
        self.run.outcomes.accounts.open(following)
        return following
