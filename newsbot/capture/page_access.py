"""The seed's headers and cookies in a browser's page: for requests to the site's own hosts only.

Playwright's own headers go to every host, and along with redirects; those that are set while
Chromium holds a request are for this request alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from newsbot.sites.access import SiteAccess

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam
    from playwright.async_api import BrowserContext


def held_requests(access: SiteAccess) -> list[dict[str, str]]:
    """Return the patterns of requests that Chromium holds: documents, or all that need headers."""
    return [{"urlPattern": "*"} | ({} if access.headers else {"resourceType": "Document"})]


def changed_headers(access: SiteAccess, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers to continue a held request with; nothing if they stay as they are."""
    own = access.headers_for(request["url"])
    if not own:
        return {}
    replaced = {name.lower() for name in own}
    kept = {
        name: value for name, value in request["headers"].items() if name.lower() not in replaced
    }
    return {"headers": [{"name": name, "value": value} for name, value in (kept | own).items()]}


async def set_cookies(context: "BrowserContext", access: SiteAccess) -> None:
    """Give the context the seed's cookies; pages' scripts do not see those that are secret."""
    cookies = [
        _cookie(access, host, name, is_secret=cookie.is_secret, value=cookie.value)
        for host in access.site.hosts
        for name, cookie in access.cookies.items()
    ]
    if cookies:
        await context.add_cookies(cookies)


def _cookie(
    access: SiteAccess, host: str, name: str, value: str, *, is_secret: bool
) -> "SetCookieParam":
    """Return a cookie of this host alone; one whose address is https is sent over https only."""
    is_safe = is_secret and not access.may_have_secrets(f"http://{host}/")
    scheme = "https" if is_safe else "http"
    return {"name": name, "value": value, "url": f"{scheme}://{host}/", "httpOnly": is_secret}
