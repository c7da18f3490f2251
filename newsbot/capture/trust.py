"""Whom TLS trusts: for the hosts of a site also the authorities of its seed's CA file."""

from pathlib import Path
from typing import Any, cast

from twisted.internet.ssl import OpenSSLDefaultPaths, optionsForClientTLS
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from newsbot.sites.access import SiteAccess


@implementer(IPolicyForHTTPS)
class SitePolicy:
    """Scrapy's policy, except that the site's own hosts may be signed by its authorities."""

    def __init__(self, usual: Any, access: SiteAccess) -> None:
        self._usual = usual
        self._hosts = {host.encode("ascii") for host in access.site.hosts}
        self._trusted = _MachineAndFile(access.ca_file)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 - Twisted's name
        """Return what makes connections to the host."""
        if hostname not in self._hosts:
            return self._usual.creatorForNetloc(hostname, port)
        return optionsForClientTLS(
            hostname=hostname.decode("ascii"),
            trustRoot=cast("Any", self._trusted),
            extraCertificateOptions=self._usual._get_cert_options_kwargs(),  # noqa: SLF001 - as Scrapy does
        )


class _MachineAndFile(OpenSSLDefaultPaths):
    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file

    def _addCACertsToContext(self, context: Any) -> None:  # noqa: N802 - Twisted's name
        super()._addCACertsToContext(context)  # type: ignore[no-untyped-call]
        if self._ca_file is not None:
            context.load_verify_locations(str(self._ca_file))
