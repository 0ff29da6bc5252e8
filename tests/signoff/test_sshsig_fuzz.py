"""Differential test: what the verifier and the list of signers accept, the real ssh-keygen accepts too.

FUZZ_SEED repeats a run (with other keys), FUZZ_MUTANTS sets its length.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from readiness.signoff import sshsig
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.signers import parse_revoked, parse_signers
from tests.signoff.mutants import Case, honest, mutate
from tests.signoff.sshkeys import MAKERS, Pair, keygen

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "3000"))
SAMPLE = 20
"""Of what we refuse, ssh-keygen is asked about one in so many."""
PROCESSES = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What both said of a case; None is "accepted" from us."""

    case: Case
    ours: Code | None
    theirs: bool
    words: str


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [make() for make in MAKERS.values()]


def ours(case: Case) -> Code | None:
    """Why we refuse; None where we accept."""
    try:
        signature = sshsig.parse(sshsig.dearmor(case.armor.decode("latin-1")))
        sshsig.verify(signature, case.message, namespace=case.namespace)
        signers = parse_signers(case.allowed, "allowed_signers")
        signers.authorise(case.principal, signature.key, case.namespace, case.moment)
        if parse_revoked(case.revoked or b"").contains(signature.key):
            return Code.KEY_REVOKED
    except SignOffError as error:
        return error.code
    return None


def theirs(case: Case, folder: Path) -> Asked:
    """The exit code of ``ssh-keygen -Y verify``."""
    files = {"signers": case.allowed, "sig": case.armor, "revoked": case.revoked}
    folder.mkdir()
    for name, content in files.items():
        if content is not None:
            (folder / name).write_bytes(content)
    moment = f"verify-time={case.moment:%Y%m%d%H%M%S}Z"
    revoked = _revocations(case, folder)
    who = ("-f", "signers", "-I", case.principal, "-n", case.namespace)
    done = keygen("-Y", "verify", "-O", moment, *who, "-s", "sig", *revoked, stdin=case.message, cwd=folder)
    return Asked(case=case, ours=ours(case), theirs=done.returncode == 0, words=done.stderr.decode("utf-8", "replace"))


def _revocations(case: Case, folder: Path) -> tuple[str, ...]:
    """The binary list that ssh-keygen makes of the same text; where it cannot, the text itself."""
    if case.revoked is None:
        return ()
    made = keygen("-q", "-k", "-f", "krl", "revoked", cwd=folder)
    return ("-r", "revoked" if made.returncode else "krl")


def ask(cases: Sequence[Case], folder: Path) -> list[Asked]:
    with ThreadPoolExecutor(PROCESSES) as pool:
        return list(pool.map(theirs, cases, (folder / str(number) for number in range(len(cases)))))


def test_both_accept_what_is_honest(pairs: Sequence[Pair], tmp_path: Path) -> None:
    cases = [honest(pair, b"message", hashed) for pair in pairs for hashed in ("sha256", "sha512")]
    for asked in ask(cases, tmp_path):
        assert (asked.ours, asked.theirs) == (None, True), asked


def test_both_find_the_signature_alone_sound(pairs: Sequence[Pair], tmp_path: Path) -> None:
    for pair in pairs:
        case = honest(pair, b"message")
        (tmp_path / "sig").write_bytes(case.armor)
        done = keygen("-Y", "check-novalidate", "-n", case.namespace, "-s", "sig", stdin=b"message", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert pair.public.fingerprint in done.stdout.decode("utf-8")


def test_we_never_accept_what_ssh_keygen_refuses(pairs: Sequence[Pair], tmp_path: Path) -> None:
    seed = os.environ.get("FUZZ_SEED") or secrets.token_hex(8)
    rng = random.Random(seed)  # noqa: S311 - to be repeated
    mutants = [mutate(rng, pairs) for _ in range(MUTANTS)]
    said = [ours(case) for case in mutants]
    accepted = [case for case, code in zip(mutants, said, strict=True) if code is None]
    refused = [case for case, code in zip(mutants, said, strict=True) if code is not None]
    wrong = [asked for asked in ask(accepted, _made(tmp_path / "accepted")) if not asked.theirs]
    assert not wrong, f"FUZZ_SEED={seed}: {len(wrong)} of {len(accepted)}, such as {wrong[0]}"
    assert len(accepted) > MUTANTS / 20
    sample = ask(rng.sample(refused, len(refused) // SAMPLE), _made(tmp_path / "refused"))
    stricter = sum(asked.theirs for asked in sample)
    print(f"{MUTANTS} mutants: {len(accepted)} accepted by both; of {len(sample)} others ssh-keygen took {stricter}")  # noqa: T201
    assert stricter < len(sample) / 2


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
