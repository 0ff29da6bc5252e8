"""The login to the mail server goes through TLS, and to nobody but the mail server."""

from __future__ import annotations

import datetime as dt
import os
import ssl
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.reference.databases import Database
from tests.reference.mail_server import mail_server
from tests.reference.service import running, settings
from tests.reference.stripe_events import Buyer, deliver


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def test_the_login_goes_through_tls_to_a_server_with_a_valid_certificate_only(
    tmp_path: Path, empty_file: Database
) -> None:
    cert, key = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    login = {"SMTP_USERNAME": "postbox", "SMTP_PASSWORD": os.urandom(12).hex(), "SMTP_TLS": "starttls"}
    with mail_server() as plain:
        env = settings(DATABASE_URL=empty_file.url, **{**plain.settings(), **login})
        with running(env) as shop:
            deliver(shop, [Buyer().paid_flow()])
            shop.event("mail_handled", attempt=1, result="retry")
            assert plain.tried == 0
    with mail_server(port=plain.port, tls=tls) as mails:
        for trust, attempt in (({}, 2), ({"SSL_CERT_FILE": str(cert)}, 3)):
            empty_file.hours_pass()
            with running({**env, **trust}) as shop:
                shop.event("mail_handled", attempt=attempt, result="sent" if trust else "retry")
                assert login["SMTP_PASSWORD"] not in "".join(shop.lines)
            assert len(mails.logins) == bool(trust)
        assert mails.logins[0].password.decode() == login["SMTP_PASSWORD"]
