"""Thousands of small damages to report, bundle and ledger: none is accepted that changes what matters, none crashes."""

from __future__ import annotations

import base64
import binascii
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness.signoff.model import BUNDLE
from tests.signoff.attacks import Told, told
from tests.signoff.scene import Scene, copy_of

AWAY, AT_HOME = 1_000, 100
"""How many, of another seed each time."""
pytestmark = pytest.mark.slow

BITS = 8
NOISE = (
    b" ",
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b'"',
    b"{",
    b"}",
    b"[",
    b",",
    b":",
    b"\\",
    b"A",
    b"=",
    b"-",
    b"\xff",
    b"\xe2\x80",
)
SETTINGS = settings(max_examples=60, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Triple = tuple[str, bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A signed report somewhere, its three files as they should be, and how to verify it."""

    scene: Scene
    report: Path
    options: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, Path, Path]:
        return self.report, self.report.with_name(BUNDLE), self.report.parents[2] / "ledger.jsonl"

    def verify(self) -> Told:
        return told(self.scene, *self.options, report=self.report)


@pytest.fixture(scope="module")
def away(signed: Scene, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Outside the repository, with ledger, checklist and signers: a verification takes milliseconds."""
    folder = tmp_path_factory.mktemp("away")
    shutil.copytree(signed.repo / "reports", folder / "reports")
    shutil.copytree(signed.repo / ".readiness", folder / "trust")
    shutil.copy(signed.repo / "checklist.yaml", folder)
    options = ("--allowed-signers", str(folder / "trust" / "allowed_signers"))
    report = next(folder.glob("reports/*/*/report.json"))
    return Place(scene=signed, report=report, options=(*options, "--checklist", str(folder / "checklist.yaml")))


@pytest.fixture(scope="module")
def at_home(signed: Scene, tmp_path_factory: pytest.TempPathFactory) -> Place:
    scene = copy_of(signed, tmp_path_factory.mktemp("home"))
    return Place(scene=scene, report=scene.report)


def damaged(rng: random.Random, raw: bytes) -> bytes:
    """One small thing is different."""
    at = rng.randrange(len(raw))
    end = min(at + rng.choice((1, 1, 2, 5, 60)), len(raw))
    flipped = raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(BITS)]) + raw[at + 1 :]
    lines = raw.splitlines(keepends=True)
    return rng.choice(
        (
            *(flipped, flipped, flipped),
            raw[:at] + rng.randbytes(1) + raw[at + 1 :],
            raw[:at] + raw[end:],
            raw[:at] + rng.choice(NOISE) + raw[at:],
            raw[:at],
            raw[:end] + raw[at:],
            b"".join(rng.sample(lines, len(lines))),
        )
    )


def sealed(bundle: bytes) -> Iterator[Triple]:
    """Type, payload and signature of every line, by another reading than ours."""
    for line in bundle.split(b"\n"):
        try:
            fields = json.loads(line)
            for signature in fields["signatures"]:
                yield fields["payloadType"], decoded(fields["payload"]), decoded(signature["sig"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, AttributeError) as error:
        raise ValueError(text) from error


def same(before: tuple[bytes, ...], after: tuple[bytes, ...]) -> bool:
    """Whether what matters is equal: the report's bytes, both sealed statements, the ledger's lines in their order."""
    report, bundle, ledger = (list(pair) for pair in zip(before, after, strict=True))
    lines = [list(dict.fromkeys(raw.removesuffix(b"\n").split(b"\n"))) for raw in ledger]
    return report[0] == report[1] and set(sealed(bundle[0])) <= set(sealed(bundle[1])) and lines[0] == lines[1]


def holds(found: Told, *, harmless: bool) -> None:
    """A verdict in every case, and no better one than the files deserve."""
    assert found.exit in range(7), found
    assert "crashed" not in found.err
    assert "Traceback" not in found.err + found.out
    assert found.exit != 0 or harmless, found.out
    assert found.out or found.exit == 2


def flips(place: Place, count: int, seed: int) -> dict[int, int]:
    """Damage one file after another and verify; how often each exit code was given."""
    rng = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
    before = tuple(path.read_bytes() for path in place.files)
    codes: dict[int, int] = {}
    for number in range(count):
        victim = place.files[rng.choice((0, 1, 1, 2))]
        raw = victim.read_bytes()
        victim.write_bytes(damaged(rng, raw))
        found = place.verify()
        try:
            holds(found, harmless=same(before, tuple(path.read_bytes() for path in place.files)))
        except AssertionError as error:
            error.add_note(f"seed {seed}, damage {number} of {victim.name}")
            raise
        finally:
            victim.write_bytes(raw)
        codes[found.exit] = codes.get(found.exit, 0) + 1
    return codes


def test_flips_away(away: Place) -> None:
    seed = random.SystemRandom().randrange(2**32)
    codes = flips(away, AWAY, seed)
    print(f"seed {seed}: {codes}")  # noqa: T201 - to draw the same sample again
    assert codes[5] > AWAY * 0.8
    assert 0 < codes[0] < AWAY * 0.1  # a few are harmless: white space, a line that stands twice
    assert away.verify().exit == 0


def test_flips_at_home(at_home: Place) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}: {flips(at_home, AT_HOME, seed)}")  # noqa: T201 - to draw the same sample again
    assert at_home.verify().exit == 0


def test_every_bit_of_a_signature(away: Place) -> None:
    """The inner 64 bytes of Ed25519 and all around them, whole."""
    bundle = away.files[1]
    raw = bundle.read_bytes()
    line = json.loads(raw.splitlines()[0])
    blob = decoded(line["signatures"][0]["sig"])
    for bit in range(len(blob) * BITS)[::3]:
        changed = bytearray(blob)
        changed[bit // BITS] ^= 1 << bit % BITS
        line["signatures"][0]["sig"] = base64.b64encode(changed).decode()
        bundle.write_bytes(json.dumps(line).encode() + b"\n" + raw.splitlines()[1])
        assert away.verify().exit == 5, bit
    bundle.write_bytes(raw)


GARBAGE = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(
        st.sampled_from(["payload", "payloadType", "signatures", "version", "kind", "prev", "at"]),
        st.sampled_from(["application/vnd.in-toto+json", "e30=", [], {}, [{"sig": "U1NIU0lH"}], 1, None, "sign-off"]),
    ).map(lambda value: json.dumps(value).encode()),
)


@SETTINGS
@given(raw=GARBAGE, number=st.sampled_from([0, 1, 2]), kept=st.booleans())
def test_garbage(away: Place, raw: bytes, number: int, *, kept: bool) -> None:
    """Instead of a file, or after what it holds."""
    before = tuple(path.read_bytes() for path in away.files)
    away.files[number].write_bytes(before[number] + raw if kept else raw)
    found, after = away.verify(), tuple(path.read_bytes() for path in away.files)
    away.files[number].write_bytes(before[number])
    holds(found, harmless=same(before, after))


@SETTINGS
@given(raw=GARBAGE, kept=st.booleans())
@pytest.mark.parametrize("name", ["allowed_signers", "revoked_keys", "policy.yaml"])
def test_garbage_as_trust(away: Place, name: str, raw: bytes, *, kept: bool) -> None:
    file = away.report.parents[3] / "trust" / name
    before = file.read_bytes() if file.exists() else None
    file.write_bytes((before or b"") + raw if kept else raw)
    found = away.verify()
    if before is None:
        file.unlink()
    else:
        file.write_bytes(before)
    holds(found, harmless=kept or name != "allowed_signers")
