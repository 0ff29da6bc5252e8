"""What people say of items, and what they let pass: attestations and waivers.

Both are files beside the checklist, committed with it. An attestation holds for the text,
the environment and, where the item says so, the commit that it was made for; a waiver changes no
state, it only keeps a finding from blocking.
"""
