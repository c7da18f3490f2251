"""S3 as it goes wrong: each error of boto3 and each odd server becomes one line with a remedy."""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from inspect import isclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.exceptions
import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from newsbot.config import load_config
from newsbot.errors import (
    ConfigError,
    FixityError,
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreUnavailable,
)
from newsbot.files import sha256_of
from newsbot.landing.upload import land
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.s3errors import FOREIGN_ERRORS, newsbot_error
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import Store
from tests.servers import BUCKET, READER, S3Server
from tests.small_run import REF, Altered, manifest
from tests.webserver import serving

_OF_BOTOCORE = [
    one
    for one in vars(botocore.exceptions).values()
    if isclass(one) and issubclass(one, BotoCoreError)
]
_TRIED_AGAIN = {
    "ConnectionError", "EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError",
    "ReadTimeoutError", "ResponseStreamingError", "IncompleteReadError", "HTTPClientError",
    "ProxyConnectionError",
}  # fmt: skip


@pytest.mark.parametrize("kind", _OF_BOTOCORE, ids=lambda kind: kind.__name__)
def test_no_error_of_botocore_is_missed(kind: type[BotoCoreError]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "what\nhappened")
    assert isinstance(error, FOREIGN_ERRORS)
    ours = newsbot_error("s3://b/x", error)
    assert str(ours).startswith("s3://b/x: ")
    assert "\n" not in str(ours)
    assert "; " in str(ours) or "`newsbot verify`" in str(ours), "it names no remedy"
    assert isinstance(ours, StoreUnavailable) == (kind.__name__ in _TRIED_AGAIN)


@pytest.mark.parametrize(
    ("code", "status", "kind", "says"),
    [
        ("SlowDown", 503, StoreUnavailable, "tries again later"),
        ("InternalError", 500, StoreUnavailable, "tries again later"),
        ("NeverHeardOf", 503, StoreUnavailable, "tries again later"),
        ("ConditionalRequestConflict", 409, StoreUnavailable, "tries again later"),
        ("OperationAborted", 409, StoreUnavailable, "tries again later"),
        ("AccessDenied", 403, StoreError, "do not allow it"),
        ("403", 403, StoreError, "do not allow it"),
        ("ExpiredToken", 400, StoreError, "renew them"),
        ("400", 400, StoreError, "have the credentials expired"),
        ("RequestTimeTooSkewed", 403, StoreError, "clock is wrong"),
        ("PermanentRedirect", 301, StoreError, "set NEWSBOT_S3_REGION"),
        ("XMinioStorageFull", 507, StoreError, "make room"),
        ("507", 507, StoreError, "make room"),
        (
            "NotImplemented",
            501,
            StoreError,
            "set NEWSBOT_S3_CREATE_ONLY=check-first or NEWSBOT_S3_CHECKSUM=md5",
        ),
        ("NoSuchBucket", 404, StoreError, "no such bucket"),
        ("NoSuchKey", 404, ObjectMissing, "no such object"),
        ("404", 404, ObjectMissing, "no such object"),
        ("PreconditionFailed", 412, ObjectExists, "already exists"),
        ("BadDigest", 400, FixityError, "differ from their checksum"),
        ("SomethingNew", 400, StoreError, "the store's own log"),
        ("411", 411, StoreError, "is AWS_ENDPOINT_URL the S3 port"),
    ],
)
def test_each_answer_of_s3_becomes_an_error_of_ours(
    code: str, status: int, kind: type, says: str
) -> None:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    mapped = newsbot_error("s3://b/x", ClientError(answer, "PutObject"))
    assert type(mapped) is kind
    assert "s3://b/x" in str(mapped)
    assert says in str(mapped)


@pytest.mark.parametrize(
    ("code", "words", "operation", "says"),
    [
        ("InvalidArgument", "Unsupported header 'x-amz-sdk-checksum-algorithm' received",
         "PutObject", "NEWSBOT_S3_CHECKSUM=md5"),
        ("InvalidArgument", "x-amz-checksum-mode", "GetObject", "NEWSBOT_S3_CHECKSUM=md5"),
        ("400", "Bad Request", "HeadObject", "NEWSBOT_S3_CHECKSUM=md5"),
        ("NotImplemented", "If-None-Match", "PutObject", "NEWSBOT_S3_CREATE_ONLY=check-first"),
        ("NotImplemented", "list-type", "ListObjectsV2", "NEWSBOT_S3_LISTING=v1"),
        ("504", "Gateway Timeout", "ListObjectsV2", "NEWSBOT_S3_PAGE_SIZE=100"),
        ("ExcessHeaderValues", "", "PutObject", "NEWSBOT_S3_SIGNING=google"),
        ("InvalidRegionName", "Must be one of: wnam, auto", "ListObjectsV2",
         "NEWSBOT_S3_REGION=auto"),
        ("SecondLevelDomainForbidden", "Please use virtual hosted style to access.",
         "ListObjectsV2", "NEWSBOT_S3_ADDRESSING=virtual"),
        ("NotImplemented", "Header 'x-amz-object-lock-mode' not implemented", "PutObject",
         "unset NEWSBOT_S3_LOCK_MODE"),
        ("NotImplemented", "Header 'x-amz-storage-class' not implemented", "PutObject",
         "unset NEWSBOT_S3_STORAGE_CLASS"),
    ],
)  # fmt: skip
def test_what_a_store_refuses_names_its_option(
    code: str, words: str, operation: str, says: str
) -> None:
    answer: Any = {"Error": {"Code": code, "Message": words}}
    error = newsbot_error("s3://b/x", ClientError(answer, operation))
    assert says in str(error)
    name, _, value = says.removeprefix("NEWSBOT_S3_").lower().partition("=")
    named = [(key, str(one)) for key, one in error.settings]
    assert named == ([(name, value)] if value else []), "and no other"


def test_the_region_that_the_store_names_is_advised() -> None:
    answer: Any = {"Error": {"Code": "AuthorizationHeaderMalformed", "Region": "eu-west-1"}}
    error = newsbot_error("s3://b/x", ClientError(answer, "ListObjectsV2"))
    assert "NEWSBOT_S3_REGION=eu-west-1" in str(error)


def test_an_option_that_is_set_is_not_advised() -> None:
    answer: Any = {"Error": {"Code": "InvalidArgument", "Message": "x-amz-checksum-sha256"}}
    error = newsbot_error("s3://b/x", ClientError(answer, "PutObject"), S3Options(checksum="md5"))
    assert error.settings == ()


def test_a_304_says_that_the_object_exists_to_a_put_alone() -> None:
    answer: Any = {"Error": {"Code": "304"}, "ResponseMetadata": {"HTTPStatusCode": 304}}
    put = newsbot_error("s3://b/x", ClientError(answer, "PutObject"))
    got = newsbot_error("s3://b/x", ClientError(answer, "GetObject"))
    assert (type(put), type(got)) == (ObjectExists, StoreError)


def test_a_host_name_with_the_bucket_that_is_not_known_names_the_path() -> None:
    error = newsbot_error(
        "s3://b/x", EndpointConnectionError(endpoint_url="http://b.s3.example.org"),
        S3Options(addressing="virtual"),
    )  # fmt: skip
    assert "NEWSBOT_S3_ADDRESSING=path" in str(error)
    assert isinstance(error, StoreUnavailable)


def test_an_answer_that_is_not_xml_is_tried_again() -> None:
    assert isinstance(newsbot_error("s3://b/x", ResponseParserError("no XML")), StoreUnavailable)


def configured_store(url: str) -> Store:
    """Return the store with the options that the environment asks for."""
    return open_store(url, load_config().s3)


@pytest.fixture
def web_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[BaseHTTPRequestHandler]]:
    """A web server where S3 should be, as a console's port or a captive portal is."""

    class Page(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self) -> None:
            page = b"<!doctype html><title>Console</title><br>"
            self.send_response(self.status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    with serving(Page) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield Page


@pytest.mark.parametrize("status", [200, 301, 307, 404, 405])
def test_a_web_page_where_s3_should_be(
    web_page: type[BaseHTTPRequestHandler], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(web_page, "status", status)
    with pytest.raises(StoreError, match=r"^s3://newsbot/x: .*AWS_ENDPOINT_URL"):
        check_store(open_store("s3://newsbot/x"), write=True)


def test_https_to_a_store_without_it(
    web_page: type[BaseHTTPRequestHandler], monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = os.environ["AWS_ENDPOINT_URL"].replace("http:", "https:")
    monkeypatch.setenv("AWS_ENDPOINT_URL", secure)
    with pytest.raises(StoreError, match="does AWS_ENDPOINT_URL speak TLS") as caught:
        check_store(open_store("s3://newsbot/x"), write=True)
    assert not isinstance(caught.value, StoreUnavailable)


def test_a_bucket_that_no_bucket_can_be_called(s3: S3Server) -> None:
    with pytest.raises(StoreError, match=r"Invalid bucket name.*correct NEWSBOT_STORE"):
        check_store(open_store("s3://not_a!bucket/x"), write=True)


@pytest.fixture
def store(s3: S3Server) -> Store:
    return open_store(f"s3://{BUCKET}/{uuid.uuid4().hex}")


def test_credentials_that_may_only_read_are_enough_to_read(
    store: Store, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_store(store, write=True)
    store.put_new("a/b", b"bytes")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    reader = open_store(store.url)
    check_store(reader, write=False)
    assert reader.get("a/b") == b"bytes"
    assert [info.name for info in reader.list("a/")] == ["a/b"]
    assert reader.stat("a/b").sha256 == sha256_of(b"bytes")
    with pytest.raises(StoreError, match="these credentials do not allow it"):
        check_store(reader, write=True)


def test_a_store_that_ignores_the_condition_is_found_and_nothing_is_changed(store: Store) -> None:
    store.put_new("newsbot.json", b'{"layout": 2}')

    def drop(request: Any, **_: Any) -> None:
        del request.headers["If-None-Match"]

    store._client.meta.events.register("before-sign.s3.PutObject", drop)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="ignores If-None-Match"):
        check_store(store, write=True)
    assert store.get("newsbot.json") == b'{"layout": 2}'


def test_bytes_that_change_on_the_way_are_sent_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sum is right for the file, and wrong for what arrives."""
    path = tmp_path / "file"
    path.write_bytes(b"as it is")

    def damage(*_: Any, **__: Any) -> None:
        raise FixityError("differs")

    monkeypatch.setattr(store, "_put", damage)
    with pytest.raises(StoreUnavailable):
        store.put_file("x", path, sha256_of(b"as it is"))
    with pytest.raises(FixityError, match="file: its SHA-256 is"):
        store.put_file("x", path, sha256_of(b"as it was"))


def test_the_sum_of_a_multipart_uploads_parts_is_not_taken_for_the_objects(store: Store) -> None:
    client = store._client  # type: ignore[attr-defined]
    where = {"Bucket": BUCKET, "Key": store.url.removeprefix(f"s3://{BUCKET}/") + "/x"}
    upload = where | {
        "UploadId": client.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")["UploadId"]
    }
    part = client.upload_part(**upload, PartNumber=1, Body=b"part", ChecksumAlgorithm="SHA256")
    one = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [one]})
    assert store.stat("x").sha256 is None


# -- reading back ------------------------------------------------------------------------------


def test_the_small_files_of_a_run_are_read_back_by_one_list(store: Store, files: Path) -> None:
    sent = requests_of(store)
    land(files, store, manifest(), REF.prefix)
    asked = Counter(request.method for request in sent)
    assert asked == {"PUT": 5, "GET": 2, "HEAD": 1}, "four files and the manifest; that one's HEAD"


def test_other_bytes_that_come_between_put_and_list_are_found(store: Store, files: Path) -> None:
    def put_and_lose(name: str, path: Path, sha256: str) -> None:
        store.put_file(name, path, sha256)
        client, key = store._client, store._key(name)  # type: ignore[attr-defined]
        if name.endswith("articles.jsonl.gz"):
            client.put_object(Bucket=BUCKET, Key=key, Body=b"ARTICLES")

    with pytest.raises(FixityError, match=r"articles\.jsonl\.gz"):
        land(files, Altered(store, put_file=put_and_lose), manifest(), REF.prefix)
    assert REF.prefix + "manifest.json" not in {info.name for info in store.list(REF.prefix)}


# -- options -----------------------------------------------------------------------------------


def requests_of(store: Store) -> list[Any]:
    """Requests that the store sends from now on, as they go over the wire."""
    sent: list[Any] = []
    client = store._client  # type: ignore[attr-defined]
    client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request))
    return sent


def test_what_is_asked_for_each_object_goes_with_its_put(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_S3_STORAGE_CLASS", "STANDARD_IA")
    monkeypatch.setenv("NEWSBOT_S3_ENCRYPTION", "AES256")
    store = configured_store(f"s3://{BUCKET}/{uuid.uuid4().hex}")
    sent = requests_of(store)
    check_store(store, write=True)
    store.put_new("a", b"bytes")
    assert store.get("a") == b"bytes"
    assert store.stat("a").sha256 == sha256_of(b"bytes")
    puts = [request for request in sent if request.method == "PUT"]
    assert len(puts) >= 2
    for put in puts:
        assert put.headers["x-amz-storage-class"] == b"STANDARD_IA"
        assert put.headers["x-amz-server-side-encryption"] == b"AES256"
        assert put.headers["If-None-Match"] == b"*"
        assert "x-amz-checksum-sha256" in put.headers


def test_object_lock_keeps_what_was_put(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = f"locked-{uuid.uuid4().hex[:8]}"
    client = configured_store(f"s3://{BUCKET}/x")._client  # type: ignore[attr-defined]
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    monkeypatch.setenv("NEWSBOT_S3_LOCK_MODE", "GOVERNANCE")
    monkeypatch.setenv("NEWSBOT_S3_LOCK_DAYS", "30")
    store = configured_store(f"s3://{bucket}/x")
    check_store(store, write=True)
    store.put_new("a", b"bytes")
    with pytest.raises(ObjectExists):
        store.put_new("a", b"others")
    kept = client.get_object_retention(Bucket=bucket, Key="x/a")["Retention"]
    assert kept["Mode"] == "GOVERNANCE"
    left = kept["RetainUntilDate"] - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_store_that_does_not_encrypt_though_asked_is_named(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_S3_ENCRYPTION", "AES256")
    store = configured_store(f"s3://{BUCKET}/{uuid.uuid4().hex}")

    def drop(request: Any, **_: Any) -> None:
        del request.headers["x-amz-server-side-encryption"]

    store._client.meta.events.register("before-sign.s3.PutObject", drop)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="not encrypted: the store ignores NEWSBOT_S3_ENCRYPTION"):
        store.put_new("a", b"bytes")


@pytest.mark.parametrize(("style", "begins"), [("path", "/newsbot/x/"), ("virtual", "/x/")])
def test_buckets_in_the_path_and_as_a_host(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, style: str, begins: str
) -> None:
    """Virtual hosts need a name for the server; nothing is sent to it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://s3.example.org")
    monkeypatch.setenv("NEWSBOT_S3_ADDRESSING", style)
    store = configured_store("s3://newsbot/x")
    asked: list[Any] = []

    def answer(request: Any, **_: Any) -> Any:
        asked.append(urlsplit(request.url))
        return AWSResponse(
            request.url, 404, {}, urllib3.HTTPResponse(body=BytesIO(), preload_content=False)
        )

    store._client.meta.events.register("before-send.s3", answer)  # type: ignore[attr-defined]
    with pytest.raises(ObjectMissing):
        store.stat("a")
    assert asked[0].path == f"{begins}a"
    assert asked[0].hostname == ("s3.example.org" if style == "path" else "newsbot.s3.example.org")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"NEWSBOT_S3_LOCK_MODE": "GOVERNANCE"}, "go together"),
        ({"NEWSBOT_S3_KMS_KEY": "k"}, "needs S3_ENCRYPTION aws:kms"),
        ({"NEWSBOT_S3_ENCRYPTION": "rot13"}, "NEWSBOT_S3_ENCRYPTION"),
    ],
)
def test_options_that_do_not_fit_are_named(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        load_config()
