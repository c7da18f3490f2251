"""What boto3 raises, as errors of ours: each says what, where, and what to do."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionError,  # noqa: A004 - botocore's, which is an OSError but not Python's own
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    InvalidConfigError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from newsbot.errors import FixityError, ObjectExists, ObjectMissing, StoreError, StoreUnavailable

# A redirect that is not S3's sends botocore 1.4x round in circles until Python stops it.
FOREIGN = (ClientError, BotoCoreError, ResponseParserError, RecursionError)

_ACCESS = "these credentials may not do that: docs/s3.md has the policy needed"
_LATER = "it is tried again later"
_NOT_S3 = "that is not how S3 answers: is AWS_ENDPOINT_URL the S3 port, not a console or a proxy?"
_REGION = "the bucket is in another region: set AWS_DEFAULT_REGION to it"
_STALE = "the credentials have expired or are not whole: renew them"
_FULL = "the store is full: make room there, then crawl or `newsbot recover` again"
_REMEDIES = {
    "NoSuchBucket": "there is no such bucket: make it, or mend NEWSBOT_STORE",
    "InvalidBucketName": "no bucket can be called that: mend NEWSBOT_STORE",
    "InvalidAccessKeyId": "the access key is unknown there: check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key is wrong: check AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": _STALE,
    "InvalidToken": _STALE,
    "TokenRefreshRequired": _STALE,
    "AccessDenied": _ACCESS,
    "AllAccessDisabled": _ACCESS,
    "Forbidden": f"{_ACCESS}; or they have expired, or this machine's clock is wrong",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "301": f"{_REGION}; or is AWS_ENDPOINT_URL not the S3 port?",
    "400": "it was refused without a reason: have the credentials expired, is the region right?",
    "EntityTooLarge": "the store takes no file of that size in one PUT: raise its limit",
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "507": _FULL,
    "InvalidObjectState": "it lies in cold storage: restore it, then try again",
    "InvalidStorageClass": "the store has no such class: mend NEWSBOT_S3_STORAGE_CLASS",
    "InvalidRequest": "does the bucket have object lock (NEWSBOT_S3_LOCK_MODE), is the encryption "
    "one it has (NEWSBOT_S3_ENCRYPTION)?",
    "NotImplemented": "the store lacks what newsbot needs (conditional PutObject, checksums)",
    "SlowDown": f"the store asks for less: {_LATER}",
    "ServiceUnavailable": f"the store is overloaded: {_LATER}",
    "InternalError": f"the store has a fault of its own: {_LATER}",
}
_TEMPORARY = {
    "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling",
    "RequestLimitExceeded", "ConditionalRequestConflict", "OperationAborted",
    "429", "500", "502", "503", "504",
}  # fmt: skip
_DAMAGED = {"BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
_CREDENTIALS = (
    NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError,
    SSOError, ProfileNotFound, ConfigNotFound, ConfigParseError, InvalidConfigError,
)  # fmt: skip
_NETWORK = (ConnectionError, HTTPClientError, IncompleteReadError)


def our_error(where: str, error: Exception) -> StoreError:
    """The error of ours for one of ``FOREIGN``; ``where`` is the object's or the store's URL."""
    if isinstance(error, ClientError):
        return _of_answer(where, error)
    what = f"{where}: {_one_line(error)}"
    if isinstance(error, FlexibleChecksumError):
        return FixityError(f"{what}: the stored copy is damaged: `newsbot verify` says more")
    if isinstance(error, _CREDENTIALS):
        return StoreError(
            f"{what}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        )
    if isinstance(error, SSLError) and "EOF" not in str(error):  # an EOF is a lost connection
        return StoreError(
            f"{what}; does AWS_ENDPOINT_URL speak TLS (else http://), and is its certificate known "
            "here (AWS_CA_BUNDLE)?"
        )
    if isinstance(error, _NETWORK):
        return StoreUnavailable(f"{what}; is AWS_ENDPOINT_URL right and the store up?")
    if isinstance(error, ResponseParserError):
        return StoreUnavailable(f"{what}: {_NOT_S3}")
    if isinstance(error, RecursionError):
        return StoreError(f"{where}: an endless redirect: {_NOT_S3}")
    return StoreError(f"{what}; mend NEWSBOT_STORE or boto3's variables and files")


def code_of(error: ClientError) -> str:
    """S3's name for the error; the HTTP status where the answer has no name for it (as to HEAD)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_answer(where: str, error: ClientError) -> StoreError:
    code = code_of(error)
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    name = {"403": "Forbidden", "404": "NoSuchKey", "412": "PreconditionFailed"}.get(code, code)
    if name in ("NoSuchKey", "NotFound"):
        return ObjectMissing(f"{where}: no such object in the store")
    if name == "PreconditionFailed" or status == "412":
        return ObjectExists(f"{where}: there already")
    if name in _DAMAGED:
        return FixityError(f"{where}: the bytes that came differ from their checksum; {_LATER}")
    temporary = bool({name, status} & _TEMPORARY)
    message = _one_line(error.response.get("Error", {}).get("Message") or code)
    remedy = _REMEDIES.get(name) or _remedy_unnamed(code, temporary=temporary)
    kind = StoreUnavailable if temporary else StoreError
    return kind(f"{where}: {message} ({code}): {remedy}")


def _remedy_unnamed(code: str, *, temporary: bool) -> str:
    if temporary:
        return f"{_LATER}; if that does not help, is AWS_ENDPOINT_URL right?"
    return _NOT_S3 if code.isdigit() else "the store's own log may say more"


def _one_line(what: object) -> str:
    return " ".join(str(what).split())
