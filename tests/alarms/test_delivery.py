"""Alarms are told, by web and by mail; what fails is kept, shown and tried again."""

import logging
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from newsbot.alarms.delivery import check_addresses, deliver, ping, targets_of, undelivered
from newsbot.alarms.state import apply
from newsbot.alarms.verdict import Kind, right, wrong
from newsbot.config import load_config
from newsbot.errors import ConfigError
from newsbot.ledger import Ledger
from tests.alarms.conftest import Listener
from tests.alarms.history import MONDAY

MINUTE = timedelta(minutes=1)


def opened(ledger: Ledger, *addresses: SecretStr) -> None:
    verdict = wrong(Kind.layout, "antara", "the rules no longer find title")
    apply(ledger, [verdict], list(targets_of(addresses)), MONDAY)


def test_a_webhook_gets_the_opening_and_the_end_once(ledger: Ledger, listener: Listener) -> None:
    address = SecretStr(listener.address)
    opened(ledger, address)
    assert deliver(ledger, [address], MONDAY) == 1
    assert deliver(ledger, [address], MONDAY + MINUTE) == 0
    (first,) = listener.taken
    assert first["title"] == "antara: the site's layout has changed"
    assert first["message"] == "the rules no longer find title"
    apply(ledger, [right(Kind.layout, "antara")], list(targets_of([address])), MONDAY + MINUTE)
    assert deliver(ledger, [address], MONDAY + MINUTE) == 1
    assert "this is over" in listener.taken[1]["message"]


def test_what_fails_is_shown_and_tried_again_with_longer_waits(
    ledger: Ledger, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    listener.status = 500
    address = SecretStr(listener.address)
    opened(ledger, address)
    with caplog.at_level(logging.DEBUG):
        assert deliver(ledger, [address], MONDAY) == 0
    assert "was not delivered" in caplog.text
    (waiting,) = undelivered(ledger, [address])
    assert (waiting.attempts, waiting.address) == (1, "json://…")
    assert "500" in str(waiting.error)
    for text in (caplog.text, str(waiting)):
        assert "hunter22" not in text
        assert "secret-path" not in text
    assert deliver(ledger, [address], MONDAY + 0.9 * MINUTE) == 0
    assert undelivered(ledger, [address])[0].attempts == 1, "not due yet"
    deliver(ledger, [address], MONDAY + MINUTE)
    deliver(ledger, [address], MONDAY + 2.9 * MINUTE)
    assert undelivered(ledger, [address])[0].attempts == 2
    listener.status = 200
    assert deliver(ledger, [address], MONDAY + 3 * MINUTE) == 1
    assert undelivered(ledger, [address]) == []
    assert len(listener.taken) == 1


def test_one_address_that_fails_does_not_keep_another_waiting(
    ledger: Ledger, listener: Listener
) -> None:
    dead = SecretStr("json://127.0.0.1:9/")  # the discard port: nobody listens
    good = SecretStr(listener.address)
    opened(ledger, dead, good)
    assert deliver(ledger, [dead, good], MONDAY) == 1
    assert len(listener.taken) == 1
    (waiting,) = undelivered(ledger, [dead, good])
    assert "onnection" in str(waiting.error)


def test_an_address_taken_out_of_the_configuration_is_shown_as_that(ledger: Ledger) -> None:
    dead = SecretStr("json://127.0.0.1:9/")
    opened(ledger, dead)
    deliver(ledger, [dead], MONDAY)
    (waiting,) = undelivered(ledger, [])
    assert waiting.address == "an address that is no longer configured"


def test_two_processes_deliver_a_notice_once(ledger: Ledger, listener: Listener) -> None:
    address = SecretStr(listener.address)
    opened(ledger, address)
    threads = [threading.Thread(target=deliver, args=(ledger, [address], MONDAY)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(listener.taken) == 1


class MailServer(socketserver.ThreadingTCPServer):
    """As much of RFC 5321 as it takes to receive a mail."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[str] = []
        super().__init__(("127.0.0.1", 0), _Session)


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                self._data()
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 good")

    def _data(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        server = self.server
        assert isinstance(server, MailServer)
        server.mails.append(b"".join(lines).decode())
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_mail(ledger: Ledger, mail_server: MailServer) -> None:
    port = mail_server.server_address[1]
    address = SecretStr(
        f"mailto://127.0.0.1:{port}?from=newsbot@example.org&to=ops@example.org&mode=insecure"
    )
    opened(ledger, address)
    assert deliver(ledger, [address], MONDAY) == 1, undelivered(ledger, [address])
    (mail,) = mail_server.mails
    assert "ops@example.org" in mail
    assert "layout" in mail


def test_addresses_are_checked_without_showing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBOT_NOTIFY", "json://one.example/hunter11 nonsense://hunter22@x")
    config = load_config()
    assert len(config.notify) == 2
    assert "hunter" not in repr(config)
    assert "json://one.example/hunter11" in config.secrets, "logs blot it out"
    with pytest.raises(ConfigError, match="address 2 is not a URL that Apprise knows") as error:
        check_addresses(config.notify)
    assert "hunter22" not in str(error.value)


def test_the_dead_man_ping(listener: Listener) -> None:
    address = SecretStr(f"http://127.0.0.1:{listener.port}/ping/{{site}}")
    assert not ping(address, "antara").is_wrong
    assert listener.asked == ["/ping/antara"]
    listener.status = 503
    verdict = ping(address, "antara")
    assert verdict.is_wrong
    assert "it answered 503" in verdict.message
    assert "/ping/" not in verdict.message
    assert ping(SecretStr("http://127.0.0.1:9/"), "antara").is_wrong


def test_a_ping_address_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBOT_PING", "file:///etc/passwd")
    with pytest.raises(ConfigError, match=r"NEWSBOT_PING: not a web address") as error:
        load_config()
    assert "passwd" not in str(error.value)
