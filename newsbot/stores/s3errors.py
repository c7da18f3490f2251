"""Translates boto3's errors into newsbot's: each says what happened, where, and what to do."""

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
    ReadTimeoutError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from newsbot.errors import FixityError, ObjectExists, ObjectMissing, StoreError, StoreUnavailable
from newsbot.stores.s3advice import advice, reason
from newsbot.stores.s3options import S3Options, Setting, as_alternatives

# A redirect that is not S3's makes botocore 1.4x recurse until Python stops it.
FOREIGN_ERRORS = (ClientError, BotoCoreError, ResponseParserError, RecursionError)

_NOT_ALLOWED = "these credentials do not allow it: docs/s3.md has the policy needed"
_RETRIED = "newsbot tries again later"
_NOT_S3 = "this is not an S3 response: is AWS_ENDPOINT_URL the S3 port, not a console or a proxy?"
_REGION = "the bucket is in another region: set NEWSBOT_S3_REGION to it"
_EXPIRED = "the credentials have expired or are incomplete: renew them"
_FULL = "the store is full: make room there, then crawl or `newsbot recover` again"
_REMEDIES = {
    "NoSuchBucket": "there is no such bucket: create it, or correct NEWSBOT_STORE",
    "InvalidBucketName": "no bucket can have that name: correct NEWSBOT_STORE",
    "InvalidAccessKeyId": "the store does not know the access key: check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "the secret key is wrong: check AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "AccessDenied": _NOT_ALLOWED,
    "AllAccessDisabled": _NOT_ALLOWED,
    "Forbidden": f"{_NOT_ALLOWED}; or they have expired, or this machine's clock is wrong",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "301": f"{_REGION}; or is AWS_ENDPOINT_URL not the S3 port?",
    "400": "refused without a reason: have the credentials expired, is the region right?",
    "EntityTooLarge": "the store takes no file of that size in one PUT: raise its limit",
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "507": _FULL,
    "InvalidObjectState": "the object is in cold storage: restore it, then try again",
    "InvalidStorageClass": "the store has no such class: correct NEWSBOT_S3_STORAGE_CLASS",
    "InvalidRequest": "does the bucket have object lock (NEWSBOT_S3_LOCK_MODE), and does it "
    "support the encryption (NEWSBOT_S3_ENCRYPTION)?",
    "NotImplemented": "the store lacks what newsbot needs: `newsbot doctor --store` says what",
    "SlowDown": f"the store asks for fewer requests: {_RETRIED}",
    "ServiceUnavailable": f"the store is overloaded: {_RETRIED}",
    "InternalError": f"the store reports an internal error: {_RETRIED}",
}
_HEADERS = {
    "x-amz-server-side-encryption": "NEWSBOT_S3_ENCRYPTION",
    "x-amz-object-lock": "NEWSBOT_S3_LOCK_MODE",
    "x-amz-storage-class": "NEWSBOT_S3_STORAGE_CLASS",
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


def newsbot_error(where: str, error: Exception, options: S3Options = S3Options()) -> StoreError:  # noqa: B008 - frozen
    """Return newsbot's error for one of ``FOREIGN_ERRORS``.

    ``where`` is the URL of the object or the store, ``options`` are those in force.
    """
    settings = advice(error, options)
    if isinstance(error, ClientError):
        return _error_of_response(where, error, settings)
    if settings:
        return StoreUnavailable(f"{where}: {_one_line(error)}: {_remedy(settings)}", settings)
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
    if isinstance(error, ReadTimeoutError):
        return StoreUnavailable(
            f"{what}; if the store is that slow (as listings can be), raise NEWSBOT_S3_TIMEOUT or "
            "set NEWSBOT_S3_PAGE_SIZE=100"
        )
    if isinstance(error, _NETWORK):
        return StoreUnavailable(f"{what}; is AWS_ENDPOINT_URL right and the store up?")
    if isinstance(error, ResponseParserError):
        return StoreUnavailable(f"{what}: {_NOT_S3}")
    if isinstance(error, RecursionError):
        return StoreError(f"{where}: an endless redirect: {_NOT_S3}")
    return StoreError(f"{what}; correct NEWSBOT_STORE or boto3's variables and files")


def error_code(error: ClientError) -> str:
    """Return S3's name for the error; the HTTP status where there is none, as for HEAD."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _error_of_response(where: str, error: ClientError, settings: tuple[Setting, ...]) -> StoreError:
    code = error_code(error)
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    name = {"403": "Forbidden", "404": "NoSuchKey", "412": "PreconditionFailed"}.get(code, code)
    if name in ("NoSuchKey", "NotFound"):
        return ObjectMissing(f"{where}: no such object in the store")
    if name == "PreconditionFailed" or status == "412" or _is_not_modified(error, status):
        return ObjectExists(f"{where} already exists")
    if name in _DAMAGED:
        return FixityError(f"{where}: the bytes received differ from their checksum; {_RETRIED}")
    temporary = bool({name, status} & _TEMPORARY)
    message = _one_line(error.response.get("Error", {}).get("Message") or code)
    remedy = (
        _remedy_of_header(message)
        or _REMEDIES.get(name)
        or _remedy_unnamed(code, temporary=temporary)
    )
    if settings:
        hint = _remedy(settings)
        remedy = f"{remedy}; or {hint}" if code.isdigit() else hint
    kind = StoreUnavailable if temporary else StoreError
    return kind(f"{where}: {message} ({code}): {remedy}", settings)


def _is_not_modified(error: ClientError, status: str) -> bool:
    """Return whether the store says so of a PUT whose condition failed, as old MinIO does."""
    return status == "304" and error.operation_name == "PutObject"


def _remedy(settings: tuple[Setting, ...]) -> str:
    which = as_alternatives(settings)
    return f"{reason(settings)}: set {which} (`newsbot doctor --store` tries it)"


def _remedy_of_header(message: str) -> str | None:
    """Return what to do where the store refuses what objects are to be stored with."""
    return next(
        (
            f"the store does not have that: unset {variable}"
            for header, variable in _HEADERS.items()
            if header in message.lower()
        ),
        None,
    )


def _remedy_unnamed(code: str, *, temporary: bool) -> str:
    if temporary:
        return f"{_RETRIED}; if that does not help, is AWS_ENDPOINT_URL right?"
    return _NOT_S3 if code.isdigit() else "check the store's own log"


def _one_line(what: object) -> str:
    return " ".join(str(what).split())
