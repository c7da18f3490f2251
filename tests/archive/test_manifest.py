"""A manifest is the same bytes for ever, and nothing in one can lead out of the run's folder."""

import json
from typing import Any

import pytest

from newsbot.archive.manifest import FileEntry, Manifest
from newsbot.errors import FixityError
from tests.small_run import manifest

ENTRY = {"name": "ok", "size": 1, "sha256": "0" * 64}


@pytest.mark.parametrize("name", ["/etc/passwd", "../../up", "a/../../../up", "warc/..", "~/x"])
def test_a_hostile_name_in_a_manifest_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="it could point outside the folder"):
        FileEntry(name=name, size=1, sha256="0" * 64)
    good = manifest(files=({"name": "ok", "size": 1, "sha256": "0" * 64},)).to_bytes()
    with pytest.raises(FixityError, match="not a manifest"):
        Manifest.from_bytes(good.replace(b'"ok"', b'"%s"' % name.encode()))


def test_a_manifest_survives_its_bytes_and_a_newer_one_is_refused() -> None:
    whole = manifest(previous={"run": "r", "manifest_sha256": "1" * 64})
    assert Manifest.from_bytes(whole.to_bytes()) == whole
    assert Manifest.from_bytes(whole.to_bytes()).to_bytes() == whole.to_bytes()
    assert whole.to_bytes().endswith(b"\n}\n")
    with pytest.raises(FixityError, match="upgrade newsbot"):
        Manifest.from_bytes(whole.to_bytes().replace(b"newsbot.manifest/1", b"newsbot.manifest/2"))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 200_000, b"null", b"{"])
def test_bytes_that_are_no_manifest_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(FixityError, match=r"^s3://b/manifest\.json: ") as caught:
        Manifest.from_bytes(data, "s3://b/manifest.json")
    assert "\n" not in str(caught.value)


def test_the_first_fault_of_a_manifest_is_named_in_one_line() -> None:
    with pytest.raises(FixityError, match=r"run: Field required \(and \d+ more\)$") as caught:
        Manifest.from_bytes(b'{"schema": "newsbot.manifest/1"}')
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"files": [ENTRY, ENTRY]}, "a name is listed twice"),
        ({"files": [ENTRY | {"name": "manifest.json"}]}, "cannot list its own checksum"),
        ({"files": [ENTRY | {"size": -1}]}, "greater than or equal to 0"),
        ({"files": [ENTRY | {"sha256": "0" * 63 + "G"}]}, "should match pattern"),
        ({"refers_to": ["../../other.warc.gz"]}, "is not a safe name"),
        ({"started": "2025-02-28T08:00:00"}, "should have timezone info"),
        ({"password": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(changes: dict[str, Any], says: str) -> None:
    fields = json.loads(manifest().to_bytes()) | changes
    with pytest.raises(FixityError, match=says):
        Manifest.from_bytes(json.dumps(fields).encode())
