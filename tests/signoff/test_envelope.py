"""DSSE: the bytes that are signed are those of other implementations; envelopes of others are read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.dsse import Envelope as Theirs

from readiness.signoff import sshsig
from readiness.signoff.envelope import MAX_SIGNATURES, Envelope, Signature, pae, read, write
from readiness.signoff.model import PAYLOAD_TYPE, Code, SignOffError
from tests.signoff.sshkeys import APPROVER, ed25519_pair, keygen_signs

GOOD = {"payload": "e30=", "payloadType": "x", "signatures": [{"sig": "YWI="}]}


def refusal(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(SignOffError) as caught:
        read(raw)
    assert caught.value.code is Code.MALFORMED
    return caught.value.message


def reference(payload_type: str, payload: bytes) -> bytes:
    """PAE as in the reference implementation of the specification (implementation/signing_spec.py)."""
    return b"DSSEv1 %d %b %d %b" % (len(payload_type.encode()), payload_type.encode(), len(payload), payload)


@pytest.mark.parametrize(
    "payload_type", ["", "x", PAYLOAD_TYPE, "http://example.com/HelloWorld", "caf\u00e9 \u4e2d", "a b\n"]
)
@pytest.mark.parametrize("payload", [b"", b"{}", "caf\u00e9 \U0001f600".encode(), b"\xff\0\n 3 ", b"x" * 100_000])
def test_the_encoding_is_that_of_others(payload_type: str, payload: bytes) -> None:
    ours = pae(payload_type, payload)
    assert ours == Theirs(payload, payload_type, {}).pae()
    assert ours == reference(payload_type, payload)
    assert Envelope(payload_type=payload_type, payload=payload, signatures=()).pae == ours


def test_the_vectors_of_the_specification() -> None:
    """protocol.md, "Test Vectors"."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_what_is_written_is_read() -> None:
    made = Envelope(
        payload_type="caf\u00e9",
        payload=bytes(range(256)),
        signatures=(Signature(keyid="SHA256:x", sig=b"\xff\xfe"), Signature(sig=b"")),
    )
    line = write(made)
    assert b"\n" not in line
    assert read(line) == made


def test_another_implementation_reads_it_and_is_read() -> None:
    ours = Envelope(payload=b"{}", signatures=(Signature(keyid="k", sig=b"\xfb\xff"),))
    theirs = Theirs.from_dict(json.loads(write(ours)))
    assert (theirs.payload, theirs.payload_type, theirs.signatures["k"].signature) == (b"{}", PAYLOAD_TYPE, "fbff")
    assert read(json.dumps(theirs.to_dict()).encode()) == ours


def test_a_signature_by_ssh_keygen_in_an_envelope(tmp_path: Path) -> None:
    pair = ed25519_pair()
    message = pae(PAYLOAD_TYPE, b"{}")
    blob = sshsig.dearmor(keygen_signs(pair.file(tmp_path), message))
    found = read(write(Envelope(payload=b"{}", signatures=(Signature(sig=blob),))))
    sshsig.verify(sshsig.parse(found.signatures[0].sig), found.pae, namespace=APPROVER)


@pytest.mark.parametrize("payload", [b"", b"a", b"ab", b"abc", b"\xfb\xff\xfe", bytes(range(256))])
def test_all_alphabets_and_paddings(payload: bytes) -> None:
    standard, safe = base64.b64encode(payload).decode(), base64.urlsafe_b64encode(payload).decode()
    for text in (standard, safe, standard.rstrip("="), safe.rstrip("=")):
        assert read(json.dumps({**GOOD, "payload": text}).encode()).payload == payload


@pytest.mark.parametrize(
    "text",
    [
        "e30==",
        "e30=\n",
        " e30=",
        "e3=0",
        "e30=e30=",
        "e",
        "e3",
        "e3!=",
        "+-AA",
        "/_AA",
        "e31=",
        "=",
        "====",
        "\u00e9AAA",
    ],
)
def test_junk_in_base64(text: str) -> None:
    assert "base64" in refusal({**GOOD, "payload": text})
    assert "base64" in refusal({**GOOD, "signatures": [{"sig": text}]})


def test_unknown_fields_are_ignored() -> None:
    found = read(json.dumps({**GOOD, "x": [1], "signatures": [{"sig": "YWI=", "cert": "y", "keyid": None}]}).encode())
    assert found.signatures == (Signature(sig=b"ab"),)


@pytest.mark.parametrize(
    "value",
    [
        [],
        None,
        "x",
        1,
        {},
        *({name: value for name, value in GOOD.items() if name != gone} for gone in GOOD),
        {**GOOD, "payload": 5},
        {**GOOD, "payload": None},
        {**GOOD, "payloadType": ["x"]},
        {**GOOD, "signatures": {}},
        {**GOOD, "signatures": []},
        {**GOOD, "signatures": ["x"]},
        {**GOOD, "signatures": [{}]},
        {**GOOD, "signatures": [{"sig": None}]},
        {**GOOD, "signatures": [{"sig": "YWI=", "keyid": 5}]},
        {**GOOD, "signatures": [{"sig": "YWI="}] * (MAX_SIGNATURES + 1)},
        b"",
        b"{",
        b'{"payload":"e30=","payload":"e30=","payloadType":"x","signatures":[{"sig":"YWI="}]}',
        json.dumps(GOOD).encode() * 2,
    ],
)
def test_what_is_no_envelope(value: Any) -> None:
    assert refusal(value).startswith("the envelope ")
