"""The boto3 client of an S3 store, as the store's options want it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config as BotoConfig
from botocore.exceptions import NoCredentialsError
from botocore.handlers import set_list_objects_encoding_type_url
from botocore.loaders import Loader, create_loader

from newsbot.stores.google import sign_for_google
from newsbot.stores.s3options import S3Options


def s3_client(options: S3Options, connections: int) -> Any:
    """Return a client with boto3's own credentials and endpoint; nothing is sent yet.

    Raises:
        BotoCoreError, ValueError: boto3's variables and files, or the region, cannot be used.
    """
    session = _session()
    client = session.client(
        "s3", region_name=options.region, config=_configuration(options, connections)
    )
    # SeaweedFS 4 escapes the names of such a listing, but not its NextMarker: a name with a plus
    # would be sent back with a space. newsbot's names need no escapes.
    client.meta.events.unregister(
        "before-parameter-build.s3.ListObjects", set_list_objects_encoding_type_url
    )
    if options.signing == "google":

        def sign(request: Any, **_: Any) -> None:
            credentials = session.get_credentials()
            frozen = credentials and credentials.get_frozen_credentials()
            if not frozen or not frozen.access_key or not frozen.secret_key:
                raise NoCredentialsError
            sign_for_google(request, frozen.access_key, frozen.secret_key, datetime.now(UTC))

        client.meta.events.register_last("request-created.s3", sign)
    return client


def _session() -> boto3.session.Session:
    """Return a session with today's variables and files; only S3's description is shared.

    To read that takes three quarters of the time that a client takes; the doctor makes many.
    """
    core = botocore.session.Session()
    core.register_component("data_loader", _loader())
    return boto3.session.Session(botocore_session=core)


@cache
def _loader() -> Loader:
    return create_loader()


def _configuration(options: S3Options, connections: int) -> BotoConfig:
    return BotoConfig(
        connect_timeout=10,
        read_timeout=options.timeout,
        retries={"mode": "standard", "total_max_attempts": 3},
        user_agent_extra="newsbot",
        max_pool_connections=connections,
        signature_version=UNSIGNED if options.signing == "google" else None,
        # newsbot names the checksum of each PUT itself. The one that boto3 would add is refused by
        # some stores, and comes as a trailer (aws-chunked), which others do not read.
        request_checksum_calculation="when_required",
        # The reader of a stream hashes it against the manifest's SHA-256; a second checksum here
        # cost a third of a download's speed.
        response_checksum_validation="when_required",
        s3={
            "addressing_style": options.addressing,
            # The checksum of a PUT is a signed header, which the store checks: signing the payload
            # too would read the file again, for three times the CPU time.
            "payload_signing_enabled": False,
        },
    )
