"""Proxy, tunnel, controls and faults of a replica in another process."""

import http.client
import json
import re
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from replica import ReplicaFailed, Running, running
from tests.replica.conftest import fetch


def test_it_is_a_proxy_a_server_by_host_header_and_a_tunnel(shared: Running):
    story = next(t for t in shared.truth() if t["site"] == "antara")
    https = story["canonical_url"]
    by_tunnel = fetch(shared.proxy_url, https)
    by_proxy = fetch(shared.proxy_url, https.replace("https:", "http:"))
    direct = fetch(
        shared.proxy_url, https.replace("https://www.antaranews.com", shared.proxy_url),
        Host="www.antaranews.com",
    )  # fmt: skip
    assert by_tunnel.body == by_proxy.body == direct.body
    assert story["title"].encode() in by_tunnel.body


def test_the_certificate_is_good_for_every_host(shared: Running):
    context = ssl.create_default_context(cadata=shared.certificate().decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    port = urlsplit(shared.proxy_url).port
    for host in ("www.antaranews.com", "en.antaranews.com", "rakyatnews.example"):
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=600)
        connection.set_tunnel(host, 443)
        connection.request("GET", "/robots.txt")
        response = connection.getresponse()
        assert response.status == 200
        assert response.read().startswith(b"User-agent: *")
        connection.close()


def test_controls_do_not_answer_on_the_sites_hosts(shared: Running):
    assert fetch(shared.proxy_url, "http://www.antaranews.com/_replica/truth").status == 404


def test_edits_additions_and_removals_show(replica: Running):
    truth = [t for t in replica.truth() if t["site"] == "antara" and t["kind"] == "article"]
    story, other = truth[0], truth[1]
    before = fetch(replica.proxy_url, story["canonical_url"])
    unchanged = fetch(replica.proxy_url, other["canonical_url"])
    edited = replica.edit(story["id"])
    after = fetch(replica.proxy_url, story["canonical_url"])
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["last-modified"] != before.headers["last-modified"]
    (new,) = set(edited["text"].split("\n\n")) - set(story["text"].split("\n\n"))
    assert new not in before.body.decode()
    tag = unchanged.headers["etag"]
    assert fetch(replica.proxy_url, other["canonical_url"], If_None_Match=tag).status == 304

    feed = "https://www.antaranews.com/rss/terkini.xml"
    (added,) = replica.add(1)
    assert added["canonical_url"] in fetch(replica.proxy_url, feed).body.decode()
    assert fetch(replica.proxy_url, added["canonical_url"]).status == 200

    replica.remove(added["canonical_url"])
    assert fetch(replica.proxy_url, added["canonical_url"]).status == 404
    assert added["canonical_url"] not in fetch(replica.proxy_url, feed).body.decode()
    with pytest.raises(ReplicaFailed, match="no story"):
        replica.remove(added["id"])


def test_a_new_template_has_other_names_for_the_same_elements(replica: Running):
    url = replica.truth()[0]["canonical_url"]
    before = fetch(replica.proxy_url, url).body.decode()
    replica.change_template("-2026", bare=True)
    after = fetch(replica.proxy_url, url).body.decode()
    assert 'class="' in after
    assert "application/ld+json" in before
    assert "application/ld+json" not in after
    for names in re.findall(r'(?:class|id)="([^"]*)"', after):
        assert all(name.endswith("-2026") for name in names.split())
    replica.change_template("")
    assert fetch(replica.proxy_url, url).body.decode() == before


def test_the_log_tells_what_was_served(replica: Running):
    reply = fetch(replica.proxy_url, "https://www.antaranews.com/robots.txt")
    fetch(replica.proxy_url, "http://en.antaranews.com/nothing-here?x=1", "HEAD")
    assert replica.log() == [
        ("www.antaranews.com", "/robots.txt", 200, len(reply.body)),
        ("en.antaranews.com", "/nothing-here?x=1", 404, 0),
    ]
    assert all(one["time"] > 1.7e9 for one in replica.served())


def test_503_with_retry_after_for_the_next_requests(replica: Running):
    replica.fault(busy=2, retry_after=7, busy_on="/terkini")
    url = "https://www.antaranews.com/terkini"
    assert fetch(replica.proxy_url, "https://www.antaranews.com/robots.txt").status == 200
    replies = [fetch(replica.proxy_url, url) for _ in range(3)]
    assert [reply.status for reply in replies] == [503, 503, 200]
    assert replies[0].headers["retry-after"] == "7"


def test_a_host_that_is_down(replica: Running):
    replica.fault(down=["www.antaranews.com"])
    for scheme in ("http", "https"):
        with pytest.raises((OSError, http.client.HTTPException)):
            fetch(replica.proxy_url, f"{scheme}://www.antaranews.com/terkini")
    assert fetch(replica.proxy_url, "https://en.antaranews.com/").status == 200
    replica.clear()
    assert fetch(replica.proxy_url, "https://www.antaranews.com/terkini").status == 200


def test_robots_feeds_and_pages_that_are_wrong(replica: Running):
    host = "https://www.antaranews.com"
    one, two, three = (
        t["canonical_url"] for t in replica.truth()[:3] if t["site"] == "antara"
    )  # fmt: skip
    whole = fetch(replica.proxy_url, three).body
    replica.fault(failing=[one])
    assert fetch(replica.proxy_url, one).status == 500
    replica.clear()
    replica.fault(robots=503, bad_feeds=True, empty=[one], bare=[two], wrong_charset=[three])
    assert fetch(replica.proxy_url, f"{host}/robots.txt").status == 503
    feed = fetch(replica.proxy_url, f"{host}/rss/terkini.xml")
    assert feed.status == 200
    assert b"<rss" not in feed.body
    assert fetch(replica.proxy_url, one).body == b""
    assert b"<article" not in fetch(replica.proxy_url, two).body
    wrong = fetch(replica.proxy_url, three)
    assert wrong.headers["content-type"] == "text/html; charset=ISO-8859-1"
    assert wrong.body == whole
    replica.fault(robots=200, robots_text="User-agent: *\nDisallow: /\n")
    assert b"Disallow: /\n" in fetch(replica.proxy_url, f"{host}/robots.txt").body
    with pytest.raises(ReplicaFailed, match="unknown fault 'typo'"):
        replica.fault(typo=True)


def test_the_process_writes_truth_and_certificate_and_ends_with_its_parent(tmp_path: Path):
    truth, ca = tmp_path / "truth.jsonl", tmp_path / "ca.pem"
    with running(8, 2, truth=truth, ca=ca, hosts=("www.antaranews.com",), template="T2") as replica:
        written = [json.loads(line) for line in truth.read_text().splitlines()]
        assert written == replica.truth()
        assert {(t["site"], t["template"]) for t in written} == {("antara", "T2")}
        assert ca.read_bytes() == replica.certificate()
    command = [sys.executable, "-m", "replica", "--articles=3", "--until-stdin-closes"]
    done = subprocess.run(
        command, input="", capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("replica listening on http://127.0.0.1:")
    wrong = subprocess.run(
        [*command, "--hosts=example.org"], input="", capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "choose from" in wrong.stderr


def test_it_ends_cleanly_when_terminated():
    command = [sys.executable, "-m", "replica", "--articles=3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("replica listening on ")
        process.terminate()
        assert process.wait(600) == 0
