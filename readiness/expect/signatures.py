"""Texts that give the inside of a service away: what is looked for, each sort by its name.

Most are for error bodies, where such texts have no business; those of keys and traces hold for
every answer. They are meant to be specific: a sentence for people, a code such as
``invalid_request``, and the lists of fields that validation errors give, pass.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What gives a leak away."""

    name: str
    """``a Python traceback``."""
    patterns: tuple[str, ...]
    """RE2; one of them is enough."""
    secret: bool = False
    """What is found is never shown."""
    everywhere: bool = False
    """It is looked for in answers that are no errors too."""
    ignore_case: bool = False


def _key(name: str, *patterns: str) -> Signature:
    return Signature(name=name, patterns=patterns, secret=True, everywhere=True)


def _trace(name: str, *patterns: str) -> Signature:
    return Signature(name=name, patterns=patterns, everywhere=True)


def _text(name: str, *patterns: str, ignore_case: bool = False) -> Signature:
    return Signature(name=name, patterns=patterns, ignore_case=ignore_case)


SIGNATURES = (
    _key(
        "a key of Stripe",
        r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{8,}",
        r"\bwhsec_[0-9A-Za-z+/=]{8,}",
    ),
    _key(
        "a key of AWS",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    ),
    _key(
        "a token of GitHub, GitLab or Slack",
        r"\bgh[pousr]_[0-9A-Za-z]{36,}",
        r"\bgithub_pat_\w{40,}",
        r"\bglpat-[\w-]{20,}",
        r"\bxox[abprs]-[\w-]{10,}",
    ),
    _key(
        "a key of a mail provider",
        r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
        r"\bkey-[0-9a-f]{32}\b",
        r"\bre_[0-9A-Za-z]{8,}_[0-9A-Za-z]{16,}",
    ),
    _key(
        "a key of Google",
        r"\bAIza[0-9A-Za-z_-]{35}\b",
    ),
    _key(
        "a private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    ),
    _key(
        "a password in a URL",
        r"""[a-z][a-z0-9+.-]*://[^\s/@:\"'<>]*:[^\s/@\"'<>]+@[\w.-]""",
    ),
    _trace(
        "a Python traceback",
        r"Traceback \(most recent call last\)",
        r'File \\?"[^"\n]+\\?", line \d+',
    ),
    _trace(
        "a Java stack trace",
        r"\bat (?:[\w$]+\.)+[\w$<>]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)",
        r"nested exception is ",
    ),
    _trace(
        "a JavaScript stack trace",
        r"\bat (?:[\w$.<>&; ]+ \()?(?:file://|node:|webpack|/|[A-Za-z]:\\)[^\s()]*:\d+:\d+\)?",
    ),
    _trace(
        "a PHP error",
        r"(?:Fatal error|Warning|Notice|Parse error|Deprecated)(?:</b>)?:\s.{1,300} on line (?:<b>)?\d+",
        r"#\d+ /[^\s()]+\.php\(\d+\)",
    ),
    _trace(
        "a Ruby backtrace",
        r"[\w./-]+\.rb:\d+:in [`']",
    ),
    _trace(
        "a Go panic",
        r"goroutine \d+ \[",
        r"panic: runtime error",
        r"[\w./-]+\.go:\d+ \+0x",
    ),
    _trace(
        "a .NET stack trace",
        r"\bat [\w.`<>\[\]]+\([^)\n]*\) in .{1,300}:line \d+",
        r"\bSystem\.\w*Exception\b",
    ),
    _trace(
        "a Rust panic",
        r"thread '[^'\n]*' panicked at",
    ),
    _trace(
        "a debug page",
        r"Werkzeug Debugger",
        r"you have <code>DEBUG = True</code>",
        r"Using the URLconf defined in",
        r"Starlette Debugger",
        r"Action Controller: Exception caught",
        r"Whoops, looks like something went wrong",
        r"ignition_version",
        r"Server Error in '/[^']*' Application",
        r"<title>phpinfo\(\)",
    ),
    _text(
        "a server's own error page",
        r"Whitelabel Error Page",
        r"<center>nginx(?:/[\d.]+)?</center>",
        r"<address>Apache/",
        r"Apache Tomcat/\d",
        r"Microsoft-IIS/\d",
        r"openresty/\d",
    ),
    _text(
        "the version of the software",
        r"\b(?:nginx|Apache|PHP|Python|Werkzeug|gunicorn|OpenSSL|Jetty|Express)/\d+\.\d",
    ),
    _text(
        "SQL",
        r"\bSELECT\s+[\w*,. \"`()]{1,300}\s+FROM\s+[\"`\w]",
        r"\bINSERT INTO\s+[\"`\w]",
        r"\bUPDATE\s+[\"`\w.]+\s+SET\s",
        r"\bDELETE FROM\s+[\"`\w]",
    ),
    _text(
        "an error text of a database",
        r"SQLSTATE",
        r"syntax error at or near",
        r"error in your SQL syntax",
        r"\bORA-\d{5}",
        r"near \\?\"[^\"\n]{0,80}\\?\": syntax error",
        r"no such (?:table|column): ",
        r"relation \\?\"[^\"\n]+\\?\" does not exist",
        r"duplicate key value violates",
        r"(?:UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed",
        r"Unclosed quotation mark",
        r"\b(?:sqlite3|psycopg2?|asyncpg|pymysql|sqlalchemy|django\.db)\.\w",
        ignore_case=True,
    ),
    _text(
        "an error text of Stripe",
        r"No such [a-z_. ]{3,30}: \\?['\"]?[a-z]{2,10}_",
        r"Invalid API Key provided",
        r"similar object exists in (?:live|test) mode",
        r"(?:docs|dashboard)\.stripe\.com",
        r"stripe\.com/docs",
        r"\breq_[0-9A-Za-z]{14}\b",
        r"\bstripe\.(?:error\.)?\w+Error\b",
        r"Received unknown parameters?: ",
        ignore_case=True,
    ),
    _text(
        "the name of a class",
        r"\b(?:[a-z_]\w*\.)+[A-Z]\w*(?:Error|Exception|Warning)\b",
        r"\b(?:Value|Key|Type|Attribute|Index|Runtime|ZeroDivision|Recursion|Assertion|Import|Lookup|Name|OS|IO)Error\b",
        r"\b(?:Integrity|Operational|Programming|JSONDecode|Unicode(?:De|En)code|ModuleNotFound|Timeout)Error\b",
        r"\b(?:Reference|Syntax|Range|InvalidRequest|Authentication|APIConnection|RateLimit|StripeAPI)Error\b",
        r"\b[A-Z]\w*(?:Error|Exception)\([^()\s]",
        r"\b(?:NullPointer|IllegalArgument|IllegalState|ClassCast|Runtime|IO|SQL)Exception\b",
    ),
    _text(
        "an inside of the program",
        r"<class '",
        r"\bobject at 0x[0-9a-fA-F]{6,}",
        r"\bNoneType\b",
        r"object has no attribute",
        r"Cannot read propert(?:y|ies) ",
        r"undefined is not ",
        r"is not JSON serializable",
        r"invalid literal for int",
        r"Expecting value: line \d+",
        r"Unexpected token .{1,20} in JSON",
        r"errors\.pydantic\.dev",
        r"maximum recursion depth",
    ),
    _text(
        "a field for developers",
        r'"(?:traceback|stack_?trace|stack|exception|debug_?info|sql|sql_?query)"\s*:\s*["\[{]',
        ignore_case=True,
    ),
    _text(
        "a path of the machine",
        r"(?:^|[^\w./:-])/(?:[\w.-]+/)+[\w.-]+\.(?:py|pyc|rb|go|java|rs|ts|cs|so|env|sqlite3?|db|conf)\b",
        r"/(?:site|dist)-packages/",
        r"\b(?:starlette|fastapi|uvicorn|pydantic|flask|django|aiohttp|stripe)/[\w/]+\.py\b",
        r"/node_modules/",
        r"(?:^|[^\w./:-])/(?:var/(?:www|lib|log|task)|usr/(?:lib|local|src))/",
        r"\b[A-Z]:\\(?:[\w .-]+\\)+",
    ),
    _text(
        "the name of a secret variable",
        r"\b(?:STRIPE|AWS|SENDGRID|MAILGUN|POSTMARK|RESEND|GITHUB|TWILIO|SLACK|OPENAI)_[A-Z_]*(?:SECRET|KEY|TOKEN)\b",
        r"\b(?:DATABASE|REDIS|POSTGRES|MYSQL|SMTP|DB|PG)_?(?:URL|PASSWORD|PASS|DSN)\b",
        r"\b(?:SENTRY_DSN|SECRET_KEY|JWT_SECRET)\b",
    ),
    _text(
        "an address inside the network",
        r"\b(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\b",
        r"\b[\w-]+(?:\.[\w-]+)*\.(?:internal|localdomain|svc|cluster\.local|consul|lan)\b",
        r"\b(?:localhost|127\.0\.0\.1):(?:3306|5432|6379|9200|11211|27017|5672)\b",
        r"\barn:aws:",
    ),
    _text(
        "a failed connection's details",
        r"ECONNREFUSED",
        r"\bErrno \d+\]",
        r"Connection refused",
        r"getaddrinfo",
        r"Name or service not known",
        r"Max retries exceeded with url",
        r"HTTPS?ConnectionPool",
        r"Connection reset by peer",
    ),
)
"""All that is known."""
