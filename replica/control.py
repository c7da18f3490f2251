"""The controls over HTTP, below ``/_replica/``: for tests and benchmarks in other processes."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Protocol

from replica.certificate import Authority
from replica.faults import Faults
from replica.wire import Request
from replica.world import World

PREFIX: Final = "/_replica/"
_JSON = "application/json; charset=UTF-8"
_LINES = "application/x-ndjson; charset=UTF-8"


class Controlled(Protocol):
    """What the controls need of the server."""

    world: World
    faults: Faults
    authority: Authority

    @property
    def log(self) -> Iterable[NamedTuple]:
        """An entry for every request served so far."""

    def change_template(self, suffix: str = "-new", *, bare: bool = False) -> None:
        """Give article pages other class names and ids."""

    def repaint(self, url: str) -> None:
        """Put another picture at an address."""

    def restyle(self) -> None:
        """Give pages other colours."""


def control(replica: Controlled, request: Request) -> tuple[int, str, bytes]:
    """Execute a request to the controls; return status, type and body of the response.

    ``GET truth|log|certificate``; ``POST edit|revise|restore|repost|remove {"id"}`` (or its URL),
    ``add {"n"}``, ``fault {…}`` (fields of ``Faults``), ``clear {}`` (ends all faults),
    ``latency {"seconds"}``, ``template {"suffix", "bare"}`` (``Replica.change_template``),
    ``repaint {"url"}``, ``restyle {}`` (with assets).
    """
    name = request.target.partition(PREFIX)[2].partition("?")[0]
    if request.method == "GET":
        return _read(replica, name)
    actions: dict[str, Callable[..., Any]] = {
        "edit": lambda id: replica.world.edit(id).truth(),  # noqa: A006 - the name in the JSON
        "revise": lambda id: replica.world.revise(id).truth(),  # noqa: A006
        "restore": lambda id: replica.world.restore(id).truth(),  # noqa: A006
        "repost": lambda id: replica.world.repost_altered(id).truth(),  # noqa: A006
        "remove": lambda id: replica.world.remove(id).truth(),  # noqa: A006
        "add": lambda n: [story.truth() for story in replica.world.add(n)],
        "fault": replica.faults.change,
        "clear": replica.faults.clear,
        "template": replica.change_template,
        "repaint": replica.repaint,
        "restyle": replica.restyle,
        "latency": lambda seconds: replica.faults.change(latency=float(seconds)),
    }
    if name not in actions:
        return _error(404, f"no such control; use {', '.join(actions)}")
    try:
        result = actions[name](**json.loads(request.body or b"{}"))
    except KeyError as error:
        return _error(404, f"no story {error}")
    except (TypeError, ValueError) as error:
        return _error(400, str(error))
    return 200, _JSON, json.dumps(result, ensure_ascii=False).encode()


def _read(replica: Controlled, name: str) -> tuple[int, str, bytes]:
    if name == "truth":
        return 200, _LINES, _lines(replica.world.truth())
    if name == "log":
        return 200, _LINES, _lines(entry._asdict() for entry in replica.log)
    if name == "certificate":
        return 200, "application/x-pem-file", replica.authority.pem
    return _error(404, "no such resource; use truth, log, certificate")


def _lines(values: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def _error(status: int, reason: str) -> tuple[int, str, bytes]:
    return status, _JSON, json.dumps({"error": reason}).encode()
