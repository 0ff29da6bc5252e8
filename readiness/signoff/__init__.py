"""Sign-off that anybody can verify: statements, signatures, trust, the ledger, and the verdict over them.

A sign-off is an in-toto Statement v1 in a DSSE envelope whose signature is an SSHSIG; the
namespace of the signature is the role. docs/verify-by-hand.md does it with jq, base64 and
ssh-keygen. Nothing here imports pydantic or typer: `readiness verify` has to start at once. For that
what it reads is named tuples, whose classes are made in a tenth of the time of a frozen dataclass.
"""
