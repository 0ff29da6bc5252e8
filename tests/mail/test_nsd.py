"""The same zone file on Debian's nsd and in the sandbox: another server, the same facts.

nsd runs as an ordinary user on a free port, with its files in a temporary folder and no remote control.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from checks.dns_dkim import DnsDkim
from checks.dns_dmarc import DnsDmarc
from checks.dns_mta_sts import DnsMtaSts
from checks.dns_mx import DnsMx
from checks.dns_ptr import DnsPtr
from checks.dns_spf import DnsSpf
from checks.dns_txt import DnsTxt
from readiness.api import CannotTell, Outcome
from readiness.mail.dkim import inspect_key
from readiness.mail.dmarc import Policy, discover
from readiness.mail.spf import check_host
from readiness.sandbox.dns import DnsSandbox, demo_zone
from readiness.world.dns import DnsClient
from tests.ports import free_port
from tests.wire import Runs, look, outside

NSD = shutil.which("nsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
USER = "nobody"
SECONDS = 10.0
"""Until the server has to answer."""
ROOT = """$ORIGIN .
$TTL 60
. IN SOA sandbox.invalid. hostmaster.sandbox.invalid. 1 3600 600 86400 60
. IN NS ns.sandbox.invalid.
24.100.51.198.in-addr.arpa. IN PTR mta1.kamiyo.ai.
25.100.51.198.in-addr.arpa. IN PTR nobody.kamiyo.ai.
"""
"""The rest of the world; nsd refuses what none of its zones covers, where the sandbox says that it does not exist."""
LONG = " ".join(f'"{"x" * 250}"' for _ in range(6))
FLAWS = f"""
flaw			IN	TXT	"v=spf1 include:nowhere.kamiyo.ai -all"
two			IN	TXT	"v=spf1 -all"
two			IN	TXT	"v=spf1 ~all"
loop			IN	CNAME	pool
pool			IN	CNAME	loop
hang			IN	CNAME	nothing
*.wild			IN	TXT	"v=DMARC1; p=reject"
null			IN	MX	0 .
bad			IN	MX	10 hang
bad			IN	MX	20 www
bad			IN	MX	30 nothing
long			IN	TXT	( {LONG} )
high			IN	TXT	"\\255\\001"
gone._domainkey		IN	CNAME	nothing
typeless._domainkey	IN	A	192.0.2.1
revoked._domainkey	IN	TXT	"v=DKIM1; p="
_dmarc.two		IN	TXT	"v=DMARC1; p=none"
_dmarc.two		IN	TXT	"v=DMARC1; p=reject"
_dmarc.near		IN	TXT	"v=dmarc1; p=none"
"""
ZONE = demo_zone() + FLAWS

KINDS: tuple[Runs, ...] = (
    *(
        DnsTxt(name=f"{name}.kamiyo.ai")
        for name in ("em", "nowhere", "hang", "long", "high", "a.wild", "wild", "ns1", "two")
    ),
    DnsTxt(name="kamiyo.ai", select="(?i)^v=spf1", exactly=1),
    *(
        DnsSpf(domain=f"{name}kamiyo.ai", senders=("198.51.100.25",))
        for name in ("", "em.", "flaw.", "two.", "nowhere.")
    ),
    DnsSpf(domain="kamiyo.ai", senders=("203.0.113.1",)),
    DnsDkim(domain="kamiyo.ai", selectors=("s1", "s2")),
    *(DnsDkim(domain="kamiyo.ai", selectors=(name,)) for name in ("gone", "typeless", "revoked", "nowhere")),
    *(DnsDmarc(domain=f"{name}kamiyo.ai") for name in ("", "em.", "two.", "near.", "nowhere.", "a.wild.")),
    DnsDmarc(domain="kamiyo.ai", minimum=Policy.REJECT, return_path="em.kamiyo.ai"),
    DnsDmarc(domain="elsewhere.test"),
    *(DnsMx(domain=f"{name}kamiyo.ai") for name in ("", "null.", "bad.", "www.", "nowhere.")),
    *(DnsPtr(addresses=(address,)) for address in ("198.51.100.24", "198.51.100.25", "198.51.100.26")),
    DnsMtaSts(domain="kamiyo.ai"),
    DnsMtaSts(domain="em.kamiyo.ai"),
)
CONFIG = """
server:
    server-count: 1
    ip-address: 127.0.0.1
    port: {port}
    username: "{user}"
    chroot: ""
    database: ""
    zonesdir: "{folder}"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/ixfr.state"
    xfrdir: "{folder}"
    pidfile: "{folder}/nsd.pid"
    logfile: "{folder}/nsd.log"
    rrl-ratelimit: 0
    verbosity: 1
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
zone:
    name: "kamiyo.ai"
    zonefile: "kamiyo.ai.zone"
"""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Both, by their addresses."""

    ours: str
    theirs: str


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    if NSD is None:
        pytest.skip("nsd is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="nsd-") as folder,
        DnsSandbox(ROOT, ".") as ours,
    ):
        ours.set_zone(ZONE, "kamiyo.ai")
        process, port = start(NSD, Path(folder))
        try:
            wait_until_it_answers(process, port, Path(folder))
            yield Servers(ours=ours.address, theirs=f"127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def start(nsd: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start it where it stays in the foreground; root hands its rights over, which nsd refuses to keep."""
    port = free_port()
    user = USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    (folder / "root.zone").write_text(ROOT, "utf-8")
    (folder / "kamiyo.ai.zone").write_text(ZONE, "utf-8")
    (folder / "nsd.conf").write_text(CONFIG.format(port=port, user=user, folder=folder), "utf-8")
    if os.geteuid() == 0:
        account = pwd.getpwnam(USER)
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
    argv = (nsd, "-d", "-c", str(folder / "nsd.conf"))
    root = os.geteuid() == 0
    with (folder / "output").open("wb") as log:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=USER if root else None,
            group=pwd.getpwnam(USER).pw_gid if root else None,
            extra_groups=[] if root else None,
        )
    return process, port


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Ask again until it does; each question waits for its answer itself."""
    question = dns.message.make_query("kamiyo.ai", "SOA")
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if dns.query.udp(question, "127.0.0.1", port=port, timeout=0.2).rcode() == dns.rcode.NOERROR:
                return
        except (dns.exception.Timeout, OSError):
            continue
    said = [path.read_text("utf-8", "replace") for path in (folder / "output", folder / "nsd.log") if path.exists()]
    pytest.fail(f"nsd does not answer: {said}")


def told(check: Runs, address: str, folder: Path) -> list[Outcome] | str:
    """What a kind says, without the address of the server and the TTL, which negative answers do not share."""
    with outside(folder, nameserver=address) as world:
        try:
            outcomes = look(check, world)
        except CannotTell as error:
            return type(error).__name__
    return [replace(outcome, evidence=(), message=outcome.message.replace(address, "")) for outcome in outcomes]


@pytest.mark.parametrize("check", KINDS, ids=lambda check: f"{check.id} {next(iter(check.looks_at()), '')}")
def test_every_kind_says_the_same(servers: Servers, tmp_path: Path, check: Runs) -> None:
    ours = told(check, servers.ours, tmp_path)
    assert ours == told(check, servers.theirs, tmp_path)
    assert ours


@pytest.mark.parametrize("name", ["kamiyo.ai", "em.kamiyo.ai", "flaw.kamiyo.ai", "two.kamiyo.ai", "nowhere.kamiyo.ai"])
@pytest.mark.parametrize("sender", ["198.51.100.25", "203.0.113.1", "2001:db8::1"])
def test_spf_is_the_same(servers: Servers, name: str, sender: str) -> None:
    ours, theirs = (
        check_host(sender, name, f"postmaster@{name}", "mta1.kamiyo.ai", DnsClient(nameserver=address))
        for address in (servers.ours, servers.theirs)
    )
    assert (ours.result, str(ours)) == (theirs.result, str(theirs).replace(servers.theirs, servers.ours))


@pytest.mark.parametrize("name", ["kamiyo.ai", "em.kamiyo.ai", "two.kamiyo.ai", "near.kamiyo.ai", "elsewhere.test"])
def test_dmarc_is_the_same(servers: Servers, name: str) -> None:
    ours, theirs = (
        replace(discover(name, DnsClient(nameserver=address)), server="") for address in (servers.ours, servers.theirs)
    )
    assert ours == theirs


@pytest.mark.parametrize("selector", ["s1", "s2", "gone", "typeless", "revoked", "nowhere"])
def test_dkim_is_the_same(servers: Servers, selector: str) -> None:
    name = f"{selector}._domainkey.kamiyo.ai"
    ours, theirs = (DnsClient(nameserver=address).query(name, "TXT") for address in (servers.ours, servers.theirs))
    assert (ours.status, ours.canonical) == (theirs.status, theirs.canonical)
    assert inspect_key(ours.records) == inspect_key(theirs.records)
