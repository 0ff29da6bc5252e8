"""Whether a public key is a point of its curve: SEC 1 section 3.2.2.1 (NIST curves), RFC 8032 section 5.1.3 (Ed25519).

In integers, without a library: reading a list of signers must not load what only a signature needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_UNCOMPRESSED = b"\x04"


class Curve(NamedTuple):
    """y^2 = x^3 - 3x + b over the integers modulo p, of prime order n (FIPS 186-5, SP 800-186 section 3.2.1)."""

    p: int
    b: int
    n: int

    @property
    def size(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    def has(self, encoded: bytes) -> bool:
        """Whether it is an uncompressed point that OpenSSH takes too (sshkey_ec_validate_public)."""
        if len(encoded) != 1 + 2 * self.size or not encoded.startswith(_UNCOMPRESSED):
            return False
        x, y = (int.from_bytes(part, "big") for part in (encoded[1 : 1 + self.size], encoded[1 + self.size :]))
        small = self.n.bit_length() // 2
        if min(x.bit_length(), y.bit_length()) <= small or max(x, y) >= min(self.p, self.n - 1):
            return False
        return (y * y - (x * x * x - 3 * x + self.b)) % self.p == 0


CURVES: Mapping[str, Curve] = {
    "nistp256": Curve(
        p=2**256 - 2**224 + 2**192 + 2**96 - 1,
        b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "nistp384": Curve(
        p=2**384 - 2**128 - 2**96 + 2**32 - 1,
        b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        n=2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
    ),
    "nistp521": Curve(
        p=2**521 - 1,
        b=int(
            "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF07"
            "3573DF883D2C34F1EF451FD46B503F00",
            16,
        ),
        n=2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    ),
}
"""The three curves of RFC 5656 section 10.1, by the names that it gives them."""

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def on_ed25519(encoded: bytes) -> bool:
    """Whether 32 bytes are a canonical point of edwards25519 whose order is not small."""
    y = int.from_bytes(encoded, "little") % 2**255
    if len(encoded) != 32 or y >= _P or _small_order(y):  # noqa: PLR2004 - RFC 8032 section 5.1.2
        return False
    square = (y * y - 1) * (_D * y * y + 1)  # x^2 = (y^2 - 1) / (d y^2 + 1)
    return pow(square, (_P - 1) // 2, _P) == 1


def _small_order(y: int) -> bool:
    """Whether the order divides 8: under such a key a signature says nothing.

    1 has order 1, -1 has 2, 0 has 4; a point of order 8 doubles to y = 0, so x^2 = -y^2 and 2 y^2 = 1 - d y^4.
    """
    return y in {0, 1, _P - 1} or (_D * y**4 + 2 * y * y - 1) % _P == 0
