"""SPF by RFC 7208: whether an address may send mail for a domain.

    >>> from readiness.mail.spf import check_host
    >>> check_host("192.0.2.1", "example.com", "user@example.com", "mail.example.com", resolver).result
    <Result.PASS: 'pass'>

Names in the code are the RFC's, and numbers in brackets its sections.
"""

from readiness.mail.spf.evaluate import Result, SpfResult, check_host
from readiness.mail.spf.session import Limits

__all__ = ["Limits", "Result", "SpfResult", "check_host"]
