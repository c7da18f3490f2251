"""A gate of several cookies is passed; a redirect to nowhere has a reason."""

from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from newsbot.capture.recorder import ROLE
from newsbot.crawl.middlewares.redirects import RedirectsMiddleware
from newsbot.errors import RequestRefused

URL = "https://kabar.example/cerita/1"


@pytest.fixture
def middleware() -> RedirectsMiddleware:
    return RedirectsMiddleware.from_crawler(get_crawler())


def answer(middleware: RedirectsMiddleware, request: Request, cookie: str) -> Any:
    headers = {"Location": URL, "Set-Cookie": cookie}
    return middleware.process_response(request, Response(URL, status=302, headers=headers))


def test_cookies_that_are_set_one_after_the_other_are_all_sent(
    middleware: RedirectsMiddleware,
) -> None:
    request = Request(URL, meta={ROLE: "article"})
    request = answer(middleware, request, "a=1; Path=/cerita; Domain=kabar.example")
    assert request.headers["Cookie"] == b"a=1"
    request = answer(middleware, request, "b=2; HttpOnly")
    assert request.headers["Cookie"] == b"a=1; b=2"
    with pytest.raises(RequestRefused, match="redirect-loop"):
        answer(middleware, request, "a=3")  # no new name: a session for each request


def test_a_site_that_sets_ever_new_cookies_is_left(middleware: RedirectsMiddleware) -> None:
    request = Request(URL, meta={ROLE: "article"})
    for number in range(5):
        request = answer(middleware, request, f"c{number}=1")
    with pytest.raises(RequestRefused, match="redirect-loop"):
        answer(middleware, request, "c5=1")


def test_a_redirect_without_location_leads_nowhere(middleware: RedirectsMiddleware) -> None:
    with pytest.raises(RequestRefused, match="redirect-to-no-address"):
        middleware.process_response(Request(URL), Response(URL, status=301))
