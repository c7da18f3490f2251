"""What requests to a site carry: no secret stands in a seed, and none goes to another host."""

from pathlib import Path

import pytest

from newsbot.errors import ConfigError
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site
from tests.sites.test_site import GOOD, write

SECRET = "sesame-0xCAFE"


def site_with(folder: Path, request: str) -> Site:
    return load_site(write(folder, f"{GOOD}[request]\n{request}\n"))


def test_headers_and_cookies_go_to_the_sites_own_hosts_alone(tmp_path: Path) -> None:
    site = site_with(
        tmp_path,
        '[request.headers]\nAccept-Language = "id-ID"\nAuthorization = { env = "X_LOGIN" }\n'
        '[request.cookies]\nconsent = "yes"\nsession = { env = "X_SESSION" }',
    )
    access = SiteAccess.of(site, {"X_LOGIN": f"Bearer {SECRET}", "X_SESSION": "s-12345"})
    here = "https://x.example/1"
    assert access.headers_for(here) == {
        "Accept-Language": "id-ID", "Authorization": f"Bearer {SECRET}",
    }  # fmt: skip
    assert access.cookies_for(here) == {"consent": "yes", "session": "s-12345"}
    for there in (
        "https://www.x.example/1",
        "https://x.example.evil.example/",
        "https://y.example",
    ):
        assert access.headers_for(there) == {}
        assert access.cookies_for(there) == {}
    assert {SECRET, f"Bearer {SECRET}", "s-12345"} == set(access.secrets)
    assert SECRET not in repr(access) + repr(site)


def test_secrets_are_not_sent_in_the_clear_unless_the_seed_is_on_http(tmp_path: Path) -> None:
    more = '[request.headers]\nX-Edition = "id"\nX-Api-Key = { env = "X_KEY" }'
    site = site_with(tmp_path, more)
    access = SiteAccess.of(site, {"X_KEY": SECRET})
    assert access.headers_for("http://x.example/1") == {"X-Edition": "id"}
    plain = GOOD.replace("https://x.example/feed", "http://x.example/feed")
    site = load_site(write(tmp_path, f"{plain}[request]\n{more}\n"))
    access = SiteAccess.of(site, {"X_KEY": SECRET})
    assert access.headers_for("http://x.example/1") == {"X-Edition": "id", "X-Api-Key": SECRET}


def test_a_whole_cookie_header_may_come_from_the_environment(tmp_path: Path) -> None:
    site = site_with(
        tmp_path,
        '[request.headers]\nCookie = { env = "X_COOKIE" }\n[request.cookies]\nconsent = "yes"',
    )
    access = SiteAccess.of(site, {"X_COOKIE": "id=7; token=abc-12345; broken"})
    assert access.cookies_for("https://x.example/") == {
        "consent": "yes", "id": "7", "token": "abc-12345",
    }  # fmt: skip
    assert access.headers_for("https://x.example/") == {}
    assert "abc-12345" in access.secrets
    assert "7" not in access.secrets, "it would be masked all over the logs"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "the environment variable X_LOGIN is not set"),
        ("", "the environment variable X_LOGIN is not set"),
        (f"{SECRET}\r\nX: y", "X_LOGIN is not one line of printable letters"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(
    tmp_path: Path, value: str | None, said: str
) -> None:
    site = site_with(tmp_path, '[request.headers]\nAuthorization = { env = "X_LOGIN" }')
    with pytest.raises(ConfigError, match=said) as caught:
        SiteAccess.of(site, {} if value is None else {"X_LOGIN": value})
    assert "x: request.headers.Authorization" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("request_table", "said"),
    [
        (f'headers.Authorization = "Bearer {SECRET}"',
         'every run; write Authorization = { env = "NAME" } and set that environment variable'),
        (f'headers.x-api-key = "{SECRET}"', 'write x-api-key = { env = "NAME" }'),
        (f'headers.X-Session-Id = "{SECRET}"', "a secret must not stand"),
        (f'headers.X-Custom = "Basic {SECRET}"', "a secret must not stand"),
        (f'headers.Cookie = "a={SECRET}"', "write cookies under [request.cookies]"),
        (f'cookies.PHPSESSID = "{SECRET}"', 'write PHPSESSID = { env = "NAME" }'),
        (f'cookies.connect.sid = "{SECRET}"', "write a string or, for a secret"),
        (f'cookies."connect.sid" = "{SECRET}"', "a secret must not stand"),
        (f'cookies.consent = "yes; token={SECRET}"', "write each by its name"),
        ('headers.Host = "y.example"', "newsbot sets this header itself where it is due; leave it"),
        ('headers.if-none-match = "x"', "newsbot sets this header itself"),
        ('headers.User-Agent = "Mozilla"', "newsbot says who it is"),
        ('headers.Accept = "a"\nheaders.accept = "b"', "a header stands twice"),
        ('headers."X Y" = "a"', "'X Y' is not the name of a header"),
        ('headers.X-A = "a\\r\\nX-B: c"', "request.headers.X-A: a value is one line of printable"),
        ("headers.X-A = 1", "request.headers.X-A: write a string or, for a secret, { env ="),
        ('headers.X-A = { env = "A B" }', "write a string or, for a secret, { env ="),
        ('headers.X-A = { env = "AWS_SECRET_ACCESS_KEY" }', "is a secret of this installation"),
        ('headers.X-A = { env = "https_proxy" }', "is a secret of this installation"),
        ('headers.X-A = { env = "NEWSBOT_STORE" }', "is a secret of this installation"),
        ('user_agent = "a\\nb"', "request.user_agent: at most 200 printable ASCII letters"),
        ('agent = "a"', "request.agent: unknown key"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_without_showing_the_secret(
    tmp_path: Path, request_table: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        site_with(tmp_path, request_table)
    assert said in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caught.value.__cause__}"


def test_a_ca_file_is_relative_to_the_seed_and_must_have_a_certificate(tmp_path: Path) -> None:
    site = site_with(tmp_path, 'ca_file = "ca.pem"')
    with pytest.raises(
        ConfigError, match=r"request\.ca_file: .*ca\.pem: No such file.*; give a PEM"
    ):
        SiteAccess.of(site, {})
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ConfigError, match=r"ca\.pem: no certificate in it"):
        SiteAccess.of(site, {})
