"""The table ``[request]`` of a seed: what requests to the site carry, and whom its TLS trusts.

A seed is stored with every run, so secrets do not stand in it: it names environment variables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, PlainValidator, field_validator

from newsbot.sites.values import Table

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # a token of RFC 9110, section 5.6.2
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_TEXT = re.compile(r"[!-~\u00a1-\u00ff](?:[ !-~\u00a1-\u00ff]{0,8000}[!-~\u00a1-\u00ff])?")
_SECRET_HEADER = re.compile(
    r"(?i)auth|cookie|token|secret|passw|credential|session|signature|jwt|(?:api|access)[-_]?key"
    r"|[-_]key$|^key$"
)
_SECRET_COOKIE = re.compile(
    r"(?i)auth|token|secret|passw|sess|jwt|logged|login|remember|(?:^|[^a-z])sid(?:$|[^a-z])"
)
_SECRET_TEXT = re.compile(r"(?i)(?:basic|bearer|digest|negotiate|token|apikey)\s")
_SET_BY_NEWSBOT: Final = frozenset((
    "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect",
    "content-length", "content-type", "accept-encoding", "referer", "range", "if-range", "if-match",
    "if-none-match", "if-modified-since", "if-unmodified-since", "proxy-authorization",
    "proxy-connection",
))  # fmt: skip
# newsbot's own, boto3's and libpq's, and proxies' addresses, which may have a password.
_OF_THE_INSTALLATION = re.compile(r"(?:NEWSBOT|AWS)_.*|PGPASS.*|.*_PROXY", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Variable:
    """The environment variable that has a secret value."""

    name: str


def is_header_text(value: str) -> bool:
    """Return whether the text can be a header's value: printable, in Latin-1, not padded."""
    return _TEXT.fullmatch(value) is not None


def _value(value: Any) -> str | Variable:
    if isinstance(value, str):
        if not is_header_text(value):
            raise ValueError("a value is one line of printable letters, without space around it")
        return value
    name = value.get("env") if isinstance(value, Mapping) and len(value) == 1 else None
    if not isinstance(name, str) or _VARIABLE.fullmatch(name) is None:
        raise ValueError('write a string or, for a secret, { env = "NAME_OF_A_VARIABLE" }')
    if _OF_THE_INSTALLATION.fullmatch(name):
        raise ValueError(f"{name} is a secret of this installation; use a variable of the site's")
    return Variable(name)


def _suffix(value: str) -> str:
    if value and (not is_header_text(value) or not value.isascii() or len(value) > 200):
        raise ValueError("at most 200 printable ASCII letters, without space around them")
    return value


Value = Annotated[str | Variable, PlainValidator(_value)]


class SiteRequest(Table):
    """What requests to the site's own hosts carry, and whom its TLS trusts."""

    user_agent: Annotated[str, AfterValidator(_suffix)] = Field(
        "", description="Added to the end of newsbot's User-Agent."
    )
    headers: dict[str, Value] = Field({}, description="Headers by name.")
    cookies: dict[str, Value] = Field({}, description="Cookies by name.")
    ca_file: str | None = Field(
        None,
        min_length=1,
        description="PEM file with the authorities that sign the site's certificates, trusted for "
        "its hosts beside the machine's; relative to the seed.",
    )

    @field_validator("headers")
    @classmethod
    def _usable_headers(cls, values: dict[str, str | Variable]) -> dict[str, str | Variable]:
        _check_names(values, "header")
        if len({name.lower() for name in values}) < len(values):
            raise ValueError("a header stands twice; names are the same in any case")
        for name, value in values.items():
            _check_header(name, value)
        return values

    @field_validator("cookies")
    @classmethod
    def _usable_cookies(cls, values: dict[str, str | Variable]) -> dict[str, str | Variable]:
        _check_names(values, "cookie")
        for name, value in values.items():
            if isinstance(value, Variable):
                continue
            if ";" in value:
                raise ValueError(
                    f"{name}: a cookie's value has no semicolon; write each by its name"
                )
            if _SECRET_COOKIE.search(name):
                raise ValueError(_secret_message(name))
        return values

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the environment variables that have secret values."""
        values = (*self.headers.values(), *self.cookies.values())
        return tuple(dict.fromkeys(one.name for one in values if isinstance(one, Variable)))

    @property
    def secret_headers(self) -> tuple[str, ...]:
        """The names of the headers whose values are secret."""
        return tuple(name for name, value in self.headers.items() if isinstance(value, Variable))


def _check_names(names: Iterable[str], what: str) -> None:
    for name in names:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} is not the name of a {what}")


def _check_header(name: str, value: str | Variable) -> None:
    if name.lower() in _SET_BY_NEWSBOT:
        raise ValueError(f"{name}: newsbot sets this header itself where it is due; leave it out")
    if name.lower() == "user-agent":
        raise ValueError(f"{name}: newsbot says who it is; what user_agent has is added to that")
    if isinstance(value, Variable):
        return
    if name.lower() == "cookie":
        raise ValueError(f"{name}: write cookies under [request.cookies], each by its name")
    if _SECRET_HEADER.search(name) or _SECRET_TEXT.match(value):
        raise ValueError(_secret_message(name))


def _secret_message(name: str) -> str:
    """Return the message for a secret in a seed, without the secret."""
    return (
        f"{name}: a secret must not stand in the seed, which is stored with every run; write "
        f'{name} = {{ env = "NAME" }} and set that environment variable'
    )
