"""The address guard in Twisted's resolver: names resolve to allowed addresses only.

The endpoint connects to the addresses that its resolver returned and does not resolve again, so a
name that resolves to something else a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
from typing import Any

from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from twisted.web.client import Agent
from zope.interface import implementer

from newsbot.capture.guard import check_address
from newsbot.errors import AddressRefused


@implementer(IHostnameResolver)
class GuardedResolver:
    """The reactor's resolver without forbidden addresses.

    ``refused`` has the names (in lower case) that had only forbidden addresses when they were last
    resolved.
    """

    def __init__(self) -> None:
        self.refused: dict[str, AddressRefused] = {}

    def resolveHostName(  # noqa: N802 - Twisted's names
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Resolve as the reactor does, and filter the addresses."""
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

        receiver = _FilteringReceiver(resolutionReceiver, hostName, self)
        resolver: Any = reactor.nameResolver
        return resolver.resolveHostName(receiver, hostName, *args, **kwargs)


@implementer(IResolutionReceiver)
class _FilteringReceiver:
    """Passes on allowed addresses only."""

    def __init__(self, receiver: Any, host: str, resolver: GuardedResolver) -> None:
        self._receiver = receiver
        self._host = host
        self._resolver = resolver
        self._refused: AddressRefused | None = None
        self._passed = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        try:
            check_address(self._host, ipaddress.ip_address(address.host))
        except AddressRefused as error:
            self._refused = error
            return
        self._passed = True
        self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        name = self._host.lower()
        self._resolver.refused.pop(name, None)
        if self._refused is not None and not self._passed:
            self._resolver.refused[name] = self._refused
        self._receiver.resolutionComplete()


@implementer(IReactorPluggableNameResolver)
class _GuardedReactor:
    """The reactor as endpoints see it, with another resolver."""

    def __init__(self, reactor: Any, resolver: GuardedResolver) -> None:
        self._reactor = reactor
        self.nameResolver = resolver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


def guard_endpoints(agent: Agent, resolver: GuardedResolver) -> None:
    """Make the agent's new connections resolve their hosts with the resolver."""
    factory: Any = agent._endpointFactory  # noqa: SLF001 - Twisted offers no other way in
    factory._reactor = _GuardedReactor(factory._reactor, resolver)  # noqa: SLF001
