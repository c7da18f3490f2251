"""Loopback proxies before a real S3 server that behave as stores that are sold do.

What each refuses is what its documentation or its users report (docs/s3.md). A request that is
passed on as it came keeps its signature, Host and all, for the server to check. Where a store
ignores a header, or signs otherwise, the proxy checks the signature itself and signs anew.
"""

import hashlib
import hmac
import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlencode, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.servers import KEY, SECRET
from tests.webserver import serving

_XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
_CHECKSUMS = ("x-amz-checksum-", "x-amz-sdk-checksum-algorithm")
_R2_REGIONS = ("wnam", "enam", "weur", "eeur", "apac", "oc", "auto", "us-east-1")


class Refused(Exception):
    """The store answers with an error of S3's form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Request:
    """A request on its way to the server; what a store changes in it is signed anew."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    must_sign: bool = False

    @property
    def is_put(self) -> bool:
        return self.method == "PUT"


@dataclass
class Answer:
    """The server's answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Sold:
    """A store as it is sold: what it does to requests, and to answers."""

    before: Callable[[Request], object]
    after: Callable[[Request, Answer], None] = lambda _request, _answer: None
    endpoint: str = ""
    requests: list[Request] = field(default_factory=list)


# -- what each does ------------------------------------------------------------------------------


def backblaze() -> Sold:
    """B2: no header of checksums, also not on GET; no conditional PUT."""

    def before(request: Request) -> None:
        for name in request.headers:
            if name.startswith(_CHECKSUMS):
                message = f"Unsupported header '{name}' received for this API call."
                raise Refused(400, "InvalidArgument", message)
        if request.is_put and "if-none-match" in request.headers:
            message = "A header you provided implies functionality that is not implemented"
            raise Refused(501, "NotImplemented", message)

    return Sold(before)


def old_minio() -> Sold:
    """MinIO before April 2024: 304 for a condition of PUT that failed, with an empty body."""

    def after(request: Request, answer: Answer) -> None:
        if request.is_put and answer.status == 412:
            answer.status, answer.body = 304, b""

    return Sold(lambda _request: None, after)


def google() -> Sold:
    """GCS: with Amazon's names and signature If-None-Match of PUT is ignored.

    Its own condition is honoured, beside its own names and signature only. Checksums of Amazon's
    are not kept; chunks with a trailer are not understood.
    """

    def before(request: Request) -> None:
        names = tuple(request.headers)
        is_google = request.headers.get("authorization", "").startswith("GOOG4-")
        require_signature(request, "GOOG4" if is_google else "AWS4")
        if "aws-chunked" in request.headers.get("content-encoding", ""):
            raise Refused(403, "SignatureDoesNotMatch", "Access denied.")
        if _has(names, "x-goog-") and _has(names, "x-amz-"):
            message = "Multiple provider headers found; only one is allowed"
            raise Refused(400, "ExcessHeaderValues", message)
        if request.method == "POST":
            raise Refused(501, "NotImplemented", "DeleteObjects is not implemented.")
        request.must_sign = True
        for name in names:
            if name.startswith(_CHECKSUMS) or (request.is_put and name == "if-none-match"):
                del request.headers[name]
        if is_google:
            _to_amazon(request)

    def after(request: Request, answer: Answer) -> None:
        if "x-goog-date" in request.headers:
            answer.headers = [
                ("x-goog-" + name[6:] if name.lower().startswith("x-amz-") else name, value)
                for name, value in answer.headers
            ]

    return Sold(before, after)


def _to_amazon(request: Request) -> None:
    """Give Amazon's names to what the server behind is to know."""
    if request.headers.get("x-goog-if-generation-match") == "0":
        request.headers["if-none-match"] = "*"
    if "x-goog-meta-sha256" in request.headers:
        request.headers["x-amz-meta-sha256"] = request.headers["x-goog-meta-sha256"]


def r2() -> Sold:
    """R2: its own regions only; no encryption or lock by header."""

    def before(request: Request) -> None:
        region = request.headers.get("authorization", "//").split("/")[2]
        if region not in _R2_REGIONS:
            message = f"The region name '{region}' is not valid. Must be one of: {_R2_REGIONS}"
            raise Refused(400, "InvalidRegionName", message)
        for name in request.headers:
            if name.startswith(("x-amz-server-side-encryption", "x-amz-object-lock")):
                raise Refused(501, "NotImplemented", f"Header '{name}' not implemented")

    return Sold(before)


def without_condition() -> Sold:
    """A store that ignores If-None-Match of PUT."""

    def before(request: Request) -> None:
        require_signature(request, "AWS4")
        if request.is_put and request.headers.pop("if-none-match", None):
            request.must_sign = True

    return Sold(before)


def unchecking() -> Sold:
    """A store that ignores the headers of checksums."""

    def before(request: Request) -> None:
        require_signature(request, "AWS4")
        for name in [name for name in request.headers if name.startswith(_CHECKSUMS)]:
            del request.headers[name]
            request.must_sign = True

    return Sold(before)


def of_listing_v1() -> Sold:
    """A store that does not know ListObjectsV2: it answers as ListObjects."""

    def before(request: Request) -> None:
        require_signature(request, "AWS4")
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if query.pop("list-type", None):
            query.pop("continuation-token", None)
            request.path = f"{parts.path}?{urlencode(query)}"
            request.must_sign = True

    return Sold(before)


def slow_listing() -> Sold:
    """A store whose gateway gives up on listings of many names."""

    def before(request: Request) -> None:
        query = dict(parse_qsl(urlsplit(request.path).query))
        if "prefix" in query and int(query.get("max-keys", 1000)) > 100:
            raise Refused(504, "GatewayTimeout", "The listing took too long")

    return Sold(before)


def refusing_all() -> Sold:
    """A store that refuses everything, for a reason that nobody has heard of."""

    def before(_request: Request) -> None:
        raise Refused(418, "Teapot", "I'm a teapot")

    return Sold(before)


def never_deleting(sold: Sold) -> Sold:
    """The same store, with credentials that may not delete."""
    before = sold.before

    def refusing(request: Request) -> None:
        if request.method == "DELETE":
            raise Refused(403, "AccessDenied", "Access Denied")
        before(request)

    return Sold(refusing, sold.after)


# -- signatures ----------------------------------------------------------------------------------


def require_signature(request: Request, dialect: str) -> None:
    """Check the signature of either provider, which differ in their names only."""
    ours = "amz" if dialect == "AWS4" else "goog"
    _, _, rest = request.headers.get("authorization", "").partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    key, _, scope = given.get("Credential", "").partition("/")
    names = given.get("SignedHeaders", "").split(";")
    unsigned = {
        name for name in request.headers if name.startswith(f"x-{ours}-") or name == "host"
    } - set(names)
    parts = urlsplit(request.path)
    canonical = "\n".join([
        request.method, parts.path, "&".join(sorted(filter(None, parts.query.split("&")))),
        *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names),
        "", ";".join(names), request.headers.get(f"x-{ours}-content-sha256", ""),
    ])  # fmt: skip
    text = "\n".join([
        f"{dialect}-HMAC-SHA256", request.headers.get(f"x-{ours}-date", ""), scope,
        hashlib.sha256(canonical.encode()).hexdigest(),
    ])  # fmt: skip
    signing = f"{dialect}{SECRET}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    right = hmac.digest(signing, text.encode(), "sha256").hex()
    if key != KEY or unsigned or given.get("Signature") != right:
        raise Refused(403, "SignatureDoesNotMatch", "Access denied.")


def _sign(request: Request, behind: str) -> None:
    kept = {
        name: value
        for name, value in request.headers.items()
        if name not in ("authorization", "host", "x-amz-date") and not name.startswith("x-goog-")
    }
    made = AWSRequest(request.method, f"http://{behind}{request.path}", kept, request.body)
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(made)
    request.headers |= {name.lower(): value for name, value in made.headers.items()}
    request.headers["host"] = behind


def _has(names: tuple[str, ...], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in names)


# -- the proxy -----------------------------------------------------------------------------------


@contextmanager
def sold(store: Sold, endpoint: str) -> Iterator[Sold]:
    """Serve the store before the real server at the endpoint."""
    behind = urlsplit(endpoint).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # an answer goes out in one piece

        def do_any(self) -> None:
            request = Request(self.command, self.path, _lowered(self.headers), self._body())
            store.requests.append(request)
            try:
                store.before(request)
            except Refused as error:
                body = _XML.format(error.code, error).encode()
                self._reply(Answer(error.status, [("Content-Type", "application/xml")], body))
                return
            if request.must_sign:
                _sign(request, behind)
            answer = _ask(behind, request)
            store.after(request, answer)
            self._reply(answer)

        def _body(self) -> bytes:
            if self.headers.get("Expect"):
                self.send_response_only(100)
                self.end_headers()
                self.wfile.flush()
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _reply(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            length = str(len(answer.body))
            for name, value in answer.headers:
                if name.lower() not in _HOP:
                    self.send_header(name, value)
                elif name.lower() == "content-length" and self.command == "HEAD":
                    length = value
            if answer.status != 304:
                self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_any  # noqa: N815

    with serving(Handler) as port:
        store.endpoint = f"http://127.0.0.1:{port}"
        yield store


def _lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _ask(behind: str, request: Request) -> Answer:
    server = http.client.HTTPConnection(behind)
    sent = {
        name: value
        for name, value in request.headers.items()
        if name not in _HOP | {"expect"} and not name.startswith("x-goog-")
    }
    server.request(request.method, request.path, request.body, sent)
    response = server.getresponse()
    answer = Answer(response.status, response.getheaders(), response.read())
    server.close()
    return answer
