"""Real servers for the tests, on free loopback ports, ended by pid."""

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY, SECRET, BUCKET = "newsbot-test", "newsbot-secret", "newsbot"
READER = "newsbot-reader"  # may only read; with the same secret
_DEADLINE = 600  # seconds for what takes about 3: by then it hangs
_HELD: list[socket.socket] = []  # so that nobody else is given the ports


@dataclass
class S3Server:
    """SeaweedFS, with one bucket and two keys."""

    process: subprocess.Popen[bytes]
    endpoint: str
    command: list[str]
    folder: Path
    ports: list[int]

    @property
    def environment(self) -> dict[str, str]:
        """What boto3 needs to use it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def stop(self) -> None:
        """Kill it (its orderly end takes many seconds) and remove the sockets that it leaves."""
        self.process.kill()
        self.process.wait()
        for port in self.ports:
            for number in (port, port + 10000):
                for path in Path("/tmp").glob(f"seaweedfs-*-{number}.sock"):
                    path.unlink(missing_ok=True)

    def start(self) -> None:
        """Start it again after ``stop``, with what it had stored."""
        self.process = _spawn(self.command, self.folder)
        _await_ready(self)


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A server that keeps its data in the folder."""
    config = folder / "s3.json"
    identity = {
        "name": "newsbot",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    reader = {
        "name": "reader",
        "credentials": [{"accessKey": READER, "secretKey": SECRET}],
        "actions": ["Read", "List"],
    }
    config.write_text(json.dumps({"identities": [identity, reader]}))
    data = folder / "data"
    data.mkdir()
    ports = free_ports(5)
    master, volume, filer, s3, admin = ports
    command = [
        str(Path(sys.executable).with_name("weed")), "-logtostderr=true", "mini",
        "-master.telemetry=false",
        f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}",
        f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}",
        f"-admin.port={admin}", f"-s3.config={config}", "-webdav=false", "-admin.ui=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
        f"-bucket={BUCKET}",
    ]  # fmt: skip
    server = S3Server(_spawn(command, folder), f"http://127.0.0.1:{s3}", command, folder, ports)
    try:
        _await_ready(server)
        yield server
    finally:
        server.stop()


def free_ports(count: int) -> list[int]:
    """Ports that are free, and 10,000 above too (SeaweedFS takes both), and stay so.

    They are bound while this process lives, so that no other process and no connection gets them;
    a server can listen there all the same, for all set SO_REUSEADDR.
    """
    found: list[int] = []
    while len(found) < count:
        low = _bound(0)
        port = low.getsockname()[1]
        if port <= 55000:
            try:
                _HELD.append(_bound(port + 10000))
            except OSError:
                low.close()
                continue
            found.append(port)
        _HELD.append(low)
    return found


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    try:
        made.bind(("127.0.0.1", port))  # not yet to be shared: it must be free
    except OSError:
        made.close()
        raise
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


def _await_ready(server: S3Server) -> None:
    pause = threading.Event()
    for _ in range(_DEADLINE * 10):
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.endpoint + "/healthz", timeout=1) as answer:
                if answer.status == 200 and _has_bucket(server):
                    return
        except (urllib.error.URLError, OSError):
            pass  # not yet
        pause.wait(0.1)
    log = (server.folder / "server.log").read_text(errors="replace")
    raise RuntimeError(f"the S3 server did not come up:\n{log[-2000:]}")


def _has_bucket(server: S3Server) -> bool:
    import boto3
    from botocore.exceptions import ClientError

    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    try:
        client.head_bucket(Bucket=BUCKET)
    except ClientError:
        return False
    return True
