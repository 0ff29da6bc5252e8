"""A release of 300 items in a repository of its own, with two signers: to be signed, verified and reported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ITEMS = 300
COMPLETER, APPROVER = "completer@shop.example", "approver@shop.example"
READINESS = (sys.executable, "-m", "readiness")
_CHECKLIST = """version: 1
service: shop
title: Production readiness of the shop
environments: {production: {gate: release}}
sections:
"""
BY_HAND = """set -e
bundle=report.json.intoto.jsonl
statement=$(sed -n 1p $bundle | jq -r .payload | base64 -d)
test "$(sha256sum report.json | cut -d' ' -f1)" = \
  "$(printf %s "$statement" | jq -r '.subject[] | select(.name == "report.json") | .digest.sha256')"
git show origin/HEAD:.readiness/allowed_signers > "$1"
for number in 1 2; do
    line=$(sed -n ${number}p $bundle)
    type=$(printf %s "$line" | jq -r .payloadType)
    printf %s "$line" | jq -r .payload | base64 -d > "$1.payload"
    { printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(wc -c < "$1.payload")"; cat "$1.payload"; } > "$1.pae"
    { echo '-----BEGIN SSH SIGNATURE-----'; printf %s "$line" | jq -r '.signatures[0].sig' | fold -w 70; echo
      echo '-----END SSH SIGNATURE-----'; } > "$1.sig"
    role=$(jq -r .predicate.role "$1.payload") signer=$(jq -r .predicate.signer "$1.payload")
    ssh-keygen -q -Y verify -f "$1" -I "$signer" -n "readiness.$role" -s "$1.sig" < "$1.pae"
done
"""
"""What docs/verify-by-hand.md tells, as a script: digest of the report, and both signatures."""
ANEW = """set -e
rm -f reports/ledger.jsonl reports/production/*/report.json.intoto.jsonl
exec "$@"
"""
BARE = """set -e
rm -f "$3"
exec ssh-keygen -q -Y sign -f "$1" -n readiness.completer "$2"
"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A scratch repository, signed by two persons."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The checkout."""
        return self.folder / "shop"

    @property
    def report(self) -> Path:
        """report.json of its only run."""
        return next(self.repository.glob("reports/production/*/report.json"))

    def make(self) -> None:
        """Commit a checklist and the signers, publish them, check, and sign twice."""
        self.folder.mkdir(parents=True)
        keys = {name: self.key(name) for name in (COMPLETER, APPROVER)}
        self.git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        self.git(self.folder, "clone", "--quiet", "origin.git", "shop")
        (self.repository / "checklist.yaml").write_text(_CHECKLIST + "".join(_sections()), "utf-8")
        trusted = self.repository / ".readiness" / "allowed_signers"
        trusted.parent.mkdir()
        roles = {COMPLETER: "completer", APPROVER: "approver"}
        trusted.write_text(
            "".join(f'{name} namespaces="readiness.{roles[name]}" {key}\n' for name, key in keys.items()), "utf-8"
        )
        self.git(self.repository, "add", "--all")
        self.git(self.repository, "commit", "--quiet", "--message=Release")
        self.git(self.repository, "push", "--quiet", "origin", "HEAD:main")
        self.git(self.repository, "remote", "set-head", "origin", "main")
        self.run(*READINESS, "check", "--gate", "release")
        for name, role in roles.items():
            self.run(*self.sign_off(name, role))

    def sign_off(self, name: str, role: str) -> tuple[str, ...]:
        """The command line with which a person signs."""
        return (*READINESS, "sign-off", "--as", role, "--key", str(self.folder / name), "--yes")

    def key(self, name: str) -> str:
        """A new key without a passphrase; its public line."""
        self.run(
            "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.folder / name), cwd=self.folder
        )
        return (self.folder / f"{name}.pub").read_text("utf-8").strip()

    def by_hand(self) -> tuple[str, ...]:
        """The same verification with jq, base64 and ssh-keygen; to be run beside the report."""
        return self.script("by-hand", BY_HAND, str(self.folder / "trusted"))

    def anew(self) -> tuple[str, ...]:
        """Take all sign-offs away and sign the report as its completer."""
        return self.script("anew", ANEW, *self.sign_off(COMPLETER, "completer"))

    def bare_signature(self) -> tuple[str, ...]:
        """Sign the same report with ssh-keygen alone."""
        key = str(self.folder / COMPLETER)
        return self.script("bare", BARE, key, str(self.report), str(self.report.with_suffix(".json.sig")))

    def script(self, name: str, text: str, *arguments: str) -> tuple[str, ...]:
        """The command line of a shell script."""
        path = self.folder / f"{name}.sh"
        path.write_text(text, "utf-8")
        return ("sh", str(path), *arguments)

    def spoil(self) -> None:
        """One item of the signed report changes its state."""
        self._rewrite("pass", "fail")

    def restore(self) -> None:
        """As it was signed."""
        self._rewrite("fail", "pass")

    def _rewrite(self, state: str, other: str) -> None:
        head, results, items = self.report.read_text("utf-8").partition('"results": ')
        changed = items.replace(f'"state": "{state}"', f'"state": "{other}"', 1)
        self.report.write_text(head + results + changed, "utf-8")

    def git(self, folder: Path, *arguments: str) -> None:
        """Run git as somebody who is no signer."""
        names = ("-c", "user.name=Author", "-c", "user.email=author@shop.example")
        self.run("git", *names, *arguments, cwd=folder)

    def run(self, *argv: str, cwd: Path | None = None) -> None:
        """Run a program to its end. Raises CalledProcessError."""
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(
            argv, cwd=cwd or self.repository, env=env, check=True, stdin=subprocess.DEVNULL, capture_output=True
        )


def _sections() -> Iterator[str]:
    for section in range(10):
        yield f'  "{section + 1}":\n    title: Section {section + 1}\n    items:\n'
        for number in range(ITEMS // 10):
            yield (
                f"      s{section}.item-{number}:\n        title: The checklist is in the repository ({number})\n"
                "        check: repo.file\n        with: {path: checklist.yaml}\n"
            )
