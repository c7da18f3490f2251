"""A proxy that knows the hosts of the sites: what DNS is for others."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer


@contextmanager
def tunnels(ports: dict[str, int]) -> Iterator[str]:
    """Have CONNECT lead to the loopback port of each host; yield the proxy's URL."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            _connect(self.request, ports)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _connect(client: socket.socket, ports: dict[str, int]) -> None:
    head = b""
    while b"\r\n\r\n" not in head and (some := client.recv(4096)):
        head += some
    method, target, *_ = head.decode("latin-1").split(" ")
    port = ports.get(target.partition(":")[0])
    if method != "CONNECT" or port is None:
        client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        return
    with socket.create_connection(("127.0.0.1", port)) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # one side is gone: the other is told
        target.close()
