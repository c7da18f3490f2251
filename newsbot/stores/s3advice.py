"""Finds in a store's refusal which option would suit it.

What stores refuse, and in which words, is what their users reported; docs/s3.md has the table.
"""

from typing import Any, Final

from botocore.exceptions import ClientError, EndpointConnectionError

from newsbot.stores.s3options import S3Options, Setting

MD5: Final[Setting] = ("checksum", "md5")
CHECK_FIRST: Final[Setting] = ("create_only", "check-first")
GOOGLE: Final[Setting] = ("signing", "google")
LISTING_V1: Final[Setting] = ("listing", "v1")
PATH: Final[Setting] = ("addressing", "path")
_VIRTUAL: Final[Setting] = ("addressing", "virtual")
_AUTO_REGION: Final[Setting] = ("region", "auto")  # of R2
_FIRST_REGION: Final[Setting] = ("region", "us-east-1")  # what servers of one's own are set to
_SMALL_PAGES: Final[Setting] = ("page_size", 100)

_ALL: Final = (
    MD5, CHECK_FIRST, GOOGLE, LISTING_V1, _AUTO_REGION, _FIRST_REGION, PATH, _VIRTUAL,
)  # fmt: skip
_AS_ON_AWS: Final[tuple[Setting, ...]] = tuple(
    (name, getattr(S3Options(), name))
    for name in ("signing", "checksum", "create_only", "listing", "addressing")
)  # for a store that is asked for what it does not have
_REGION_CODES: Final = {
    "InvalidRegionName", "InvalidRegion", "AuthorizationHeaderMalformed", "PermanentRedirect",
    "IllegalLocationConstraintException",
}  # fmt: skip
_HOST_CODES: Final = {"SecondLevelDomainForbidden", "VirtualHostDomainRequired"}
_REFUSALS: Final = {
    "NotImplemented", "XNotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest",
    "400", "405", "501",
}  # fmt: skip
_SLOW: Final = {"504", "RequestTimeout"}
_CLEAR: Final = {  # what no option changes
    "AccessDenied", "AllAccessDisabled", "Forbidden", "403", "InvalidAccessKeyId", "ExpiredToken",
    "InvalidToken", "TokenRefreshRequired", "RequestTimeTooSkewed", "QuotaExceeded",
    "XMinioStorageFull", "EntityTooLarge", "InvalidObjectState", "InvalidStorageClass",
    "NoSuchBucket", "InvalidBucketName", "404", "NoSuchKey", "412", "PreconditionFailed",
}  # fmt: skip
_WHY: Final = {
    "checksum": "the store refuses the headers of checksums",
    "create_only": "the store has no conditional PutObject",
    "signing": "the store wants Google's signatures",
    "listing": "the store does not have ListObjectsV2",
    "region": "the store wants another region",
    "addressing": "the store wants the bucket named in another way",
    "page_size": "the store is too slow for listings of that size",
}


def advice(error: Exception, options: S3Options) -> tuple[Setting, ...]:
    """Return the settings that the error asks for, the best first; none if it asks for none."""
    found: tuple[Setting, ...] = ()
    if isinstance(error, ClientError):
        found = _asked_for(error)
    elif isinstance(error, EndpointConnectionError) and options.addressing == "virtual":
        found = (PATH,)  # the host's name with the bucket in it is not known
    return tuple(setting for setting in found if options.lacks(setting))


def reason(settings: tuple[Setting, ...]) -> str:
    """Return what the store must be like if it needs one of the settings."""
    return " or ".join(dict.fromkeys(_WHY[name] for name, _ in settings))


def worth_trying(error: BaseException | None, options: S3Options) -> tuple[Setting, ...]:
    """Return settings to try where the store's error names none; none if it says what is wrong."""
    if not isinstance(error, ClientError) or _names_another_header(error):
        return ()
    if _code(error) in _CLEAR:
        found = _AS_ON_AWS[:1]  # a store that does not know Google's signatures denies access
    elif _code(error) == "SignatureDoesNotMatch":  # unless the secret is wrong
        found = (*_AS_ON_AWS[:1], GOOGLE, _AUTO_REGION, _FIRST_REGION)
    else:
        found = (*_AS_ON_AWS, *_ALL)
    return tuple(setting for setting in found if options.lacks(setting))


def _asked_for(error: ClientError) -> tuple[Setting, ...]:
    code, operation = _code(error), error.operation_name
    words = _words(error)
    if "if-none-match" in words:
        return (CHECK_FIRST,)
    if code not in ("BadDigest", "SlowDown") and "checksum" in words:
        return (MD5,)
    if _names_another_header(error):
        return ()
    if code == "ExcessHeaderValues":
        return (GOOGLE,)
    if code in _REGION_CODES:
        return _region_named(error)
    if code in _HOST_CODES:
        return (_VIRTUAL,)
    if operation.startswith("ListObjects") and _is_slow(error):
        return (_SMALL_PAGES,)
    return _of_operation(operation) if code in _REFUSALS else ()


def _of_operation(operation: str) -> tuple[Setting, ...]:
    """Return what stores are known to refuse of an operation without saying what it is."""
    return {
        "PutObject": (CHECK_FIRST, MD5),
        "GetObject": (MD5,),
        "HeadObject": (MD5,),
        "ListObjectsV2": (LISTING_V1,),
    }.get(operation, ())


def _region_named(error: ClientError) -> tuple[Setting, ...]:
    """Return the region that the store asks for (``<Region>``), or R2's if it names that."""
    if named := _details(error).get("Region"):
        return (("region", str(named)),)
    return (_AUTO_REGION,) if "auto" in _words(error) else ()


def _is_slow(error: ClientError) -> bool:
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    return bool({_code(error), status} & _SLOW)


def _names_another_header(error: ClientError) -> bool:
    """Return whether a header is refused that comes from what objects are to be stored with."""
    words = _words(error)
    return "x-amz-" in words and "checksum" not in words


def _words(error: ClientError) -> str:
    details = _details(error)
    return f"{details.get('Message', '')} {details.get('Header', '')}".lower()


def _details(error: ClientError) -> dict[str, Any]:
    return dict(error.response.get("Error", {}))


def _code(error: ClientError) -> str:
    return str(_details(error).get("Code", ""))
