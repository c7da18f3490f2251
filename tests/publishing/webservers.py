"""nginx and Caddy with TLS, each a process of its own on free loopback ports."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.servers import free_ports

_ATTEMPTS: Final = 6000  # of a tenth of a second: by then it hangs
_NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
  include /etc/nginx/mime.types;
  charset utf-8;
  charset_types text/xml application/atom+xml application/rss+xml;
  log_format lines escape=json '{{"path":"$request_uri","status":$status,"size":$bytes_sent}}';
  access_log {folder}/access.log lines;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  gzip on;
  gzip_types text/xml application/atom+xml application/rss+xml;
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name {host};
    ssl_certificate {chain};
    ssl_certificate_key {chain};
    {what}
  }}
}}
"""
_FILES = "root {root};"
_BEHIND = """location / {{
      proxy_pass http://127.0.0.1:{port};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-Proto https;
    }}"""
_CADDY = """
{{
  admin off
  auto_https off
  https_port {port}
  storage file_system {folder}
}}
https://{host} {{
  bind 127.0.0.1
  tls {chain} {chain}
  encode gzip
  root * {root}
  file_server
  log {{
    output file {folder}/access.log
  }}
}}
"""


class WebServer:
    """A web server of one host, and what it says that it has sent."""

    def __init__(self, host: str, port: int, log: Path) -> None:
        self.host = host
        self.port = port
        self._log = log
        self._log.touch()  # Caddy makes it with the first line
        self._read = 0

    def sent(self) -> list[dict[str, object]]:
        """Return path, status and size of each answer since the last call."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            lines = log.readlines()
            self._read = log.tell()
        return [_answer(json.loads(line)) for line in lines]


def _answer(line: dict[str, object]) -> dict[str, object]:
    """Return one line of either server's log in one form."""
    request = line.get("request")
    path = request["uri"] if isinstance(request, dict) else line["path"]
    return {"path": path, "status": line["status"], "size": line["size"]}


@contextmanager
def nginx_files(folder: Path, host: str, chain: Path, root: Path) -> Iterator[WebServer]:
    """Have nginx serve the files below the root."""
    with _nginx(folder, host, chain, _FILES.format(root=root)) as server:
        yield server


@contextmanager
def nginx_before(folder: Path, host: str, chain: Path, port: int) -> Iterator[WebServer]:
    """Have nginx pass requests to an application on another port."""
    with _nginx(folder, host, chain, _BEHIND.format(port=port)) as server:
        yield server


@contextmanager
def _nginx(folder: Path, host: str, chain: Path, what: str) -> Iterator[WebServer]:
    (port,) = free_ports(1)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, host=host, chain=chain, what=what))
    with process([_program("nginx"), "-e", f"{folder}/nginx.log", "-c", str(config)], folder, port):
        yield WebServer(host, port, folder / "access.log")


@contextmanager
def caddy_files(folder: Path, host: str, chain: Path, root: Path) -> Iterator[WebServer]:
    """Have Caddy serve the files below the root."""
    (port,) = free_ports(1)
    config = folder / "Caddyfile"
    config.write_text(_CADDY.format(folder=folder, port=port, host=host, chain=chain, root=root))
    command = [_program("caddy"), "run", "--config", str(config), "--adapter", "caddyfile"]
    with process(command, folder, port):
        yield WebServer(host, port, folder / "access.log")


@contextmanager
def process(command: list[str], folder: Path, port: int, **variables: str) -> Iterator[None]:
    """Run a server until the block ends; begin the block when it listens on the port."""
    environment = os.environ | {"HOME": str(folder)} | variables
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _await_listening(server, port, folder / "server.log")
        yield
    finally:
        server.kill()
        server.wait()


def _await_listening(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    pause = threading.Event()
    for _ in range(_ATTEMPTS):
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            pause.wait(0.1)
        else:
            return
    raise RuntimeError(f"the server did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _program(name: str) -> str:
    """Return the program's path; without it a test is skipped here, and fails in CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        assert not os.environ.get("CI"), f"{name} is not installed; .ci/run installs it"
        pytest.skip(f"{name} is not installed (.ci/run names its package)")
    return found
