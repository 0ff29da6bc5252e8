"""The demo domain's zone is correct by the letter of the standards that the checks enforce."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import dns.resolver
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from readiness.errors import UsageError
from readiness.sandbox.dns import DnsSandbox, demo_zone, load_zone

DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.fixture
def kamiyo() -> Iterator[dns.resolver.Resolver]:
    with DnsSandbox(demo_zone(), "kamiyo.ai") as nameserver:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], nameserver.port
        yield resolver


def txt(resolver: dns.resolver.Resolver, name: str) -> list[str]:
    return [b"".join(record.strings).decode("ascii") for record in resolver.resolve(name, "TXT")]


@pytest.mark.parametrize("name", ["kamiyo.ai", "em.kamiyo.ai"])
def test_one_spf_record_at_the_domain_and_at_the_return_path(kamiyo: dns.resolver.Resolver, name: str) -> None:
    (spf,) = txt(kamiyo, name)
    assert spf.startswith("v=spf1 ")
    assert spf.endswith(" -all")


@pytest.mark.parametrize("selector", ["s1", "s2"])
def test_dkim_keys_are_real(kamiyo: dns.resolver.Resolver, selector: str) -> None:
    (record,) = txt(kamiyo, f"{selector}._domainkey.kamiyo.ai")
    tags = dict(tag.strip().split("=", 1) for tag in record.split(";"))
    key = load_der_public_key(base64.b64decode(tags["p"], validate=True))
    assert isinstance(key, RSAPublicKey)
    assert (tags["v"], tags["k"], key.key_size) == ("DKIM1", "rsa", 2048)


def test_dmarc_and_transport_security(kamiyo: dns.resolver.Resolver) -> None:
    assert txt(kamiyo, "_dmarc.kamiyo.ai")[0].startswith("v=DMARC1; p=quarantine; rua=mailto:")
    assert txt(kamiyo, "_mta-sts.kamiyo.ai")[0].startswith("v=STSv1; id=")
    assert txt(kamiyo, "_smtp._tls.kamiyo.ai")[0].startswith("v=TLSRPTv1; rua=mailto:")


def test_exchangers_and_hosts_have_addresses(kamiyo: dns.resolver.Resolver) -> None:
    exchangers = [record.exchange for record in kamiyo.resolve("kamiyo.ai", "MX")]
    assert len(exchangers) == 2
    for host in (*exchangers, "kamiyo.ai", "www.kamiyo.ai", "api.kamiyo.ai"):
        assert list(kamiyo.resolve(host, "A"))


def test_all_addresses_are_for_documentation() -> None:
    words = [
        word for line in demo_zone().splitlines() for word in line.partition(";")[0].split() if "IN" in line.split()
    ]
    found = [address for address in map(_address, words) if address is not None]
    assert len(found) > 8
    assert all(any(address in net for net in DOCUMENTATION) for address in found)


def _address(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(word)
    except ValueError:
        return None


def test_a_zone_file_tells_its_origin_or_its_name_does(tmp_path: Path) -> None:
    named = tmp_path / "example.org.zone"
    named.write_text("@ IN SOA ns root 1 1 1 1 1\n")
    assert load_zone(named)[1] == "example.org"
    named.write_text("; a zone\n$ORIGIN other.test.\n@ IN SOA ns root 1 1 1 1 1\n")
    assert load_zone(named)[1] == "other.test."


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["absent", "not-utf-8"])
def test_an_unreadable_zone_file_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.zone"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.zone cannot be read"):
        load_zone(path)
