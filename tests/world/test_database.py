"""The client for databases, against files of SQLite and a real PostgreSQL."""

from __future__ import annotations

import secrets
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from readiness.api import CannotTell, Reason
from readiness.named_sql import names, numbered
from readiness.redact import Redactor
from readiness.world.database import DatabaseClient
from readiness.world.env import Env
from tests.ports import free_port
from tests.postgres import Cluster

SCHEMA = """
create table tokens (subscription text not null, hash text, revoked_at text, note text);
insert into tokens values ('sub_1', 'aa', null, 'first :one'), ('sub_1', 'bb', 'then', null), ('sub_2', 'cc', null, '');
"""
ACTIVE = "select count(*) as active from tokens where subscription = :subscription and revoked_at is null"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A database of PostgreSQL with the tables, and the role that owns it."""

    cluster: Cluster
    name: str
    owner: str
    password: str

    @property
    def url(self) -> str:
        return self.at(self.owner, self.password, self.name)

    def at(self, role: str, password: str, name: str) -> str:
        return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{self.cluster.port}/{name}"


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[Shop]:
    password = secrets.token_urlsafe(16)
    with postgres.role(password) as owner, postgres.database(owner=owner) as name:
        postgres.run(f"SET ROLE {owner}; {SCHEMA}", name)
        yield Shop(cluster=postgres, name=name, owner=owner, password=password)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "data" / "my shop.db"
    place.parent.mkdir()
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(SCHEMA)
    return place


def client(url: str | None, root: Path, **options: float) -> DatabaseClient:
    values = {} if url is None else {"DATABASE_URL": url}
    made = DatabaseClient(env=Env(values, None, Redactor()), root=root, **options)  # type: ignore[arg-type]  # limit is an int
    return made.attempt(10, fresh=False)


@pytest.fixture(params=["sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg", "postgres"])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    """A URL as teams have them."""
    scheme: str = request.param
    if scheme.startswith("sqlite"):
        return f"{scheme}:///{quote(str(file))}"
    shop: Shop = request.getfixturevalue("shop")
    return shop.url.replace("postgresql", scheme)


def test_rows_with_named_parameters(url: str, tmp_path: Path) -> None:
    found = client(url, tmp_path).query("DATABASE_URL", ACTIVE, {"subscription": "sub_1", "customer": "unused"})
    assert (found.columns, found.rows, found.truncated) == (("active",), ((1,),), False)


def test_text_is_no_parameter(url: str, tmp_path: Path) -> None:
    sql = "select note from tokens /* :two */ where note = 'first :one' and hash <> :hash -- :three"
    assert client(url, tmp_path).query("DATABASE_URL", sql, {"hash": "%s"}).rows == (("first :one",),)


def test_a_value_never_becomes_sql(url: str, tmp_path: Path) -> None:
    nasty = "x' or '1'='1"
    assert client(url, tmp_path).query("DATABASE_URL", ACTIVE, {"subscription": nasty}).rows == ((0,),)


def test_rows_are_bounded(url: str, tmp_path: Path) -> None:
    found = client(url, tmp_path, limit=2).query("DATABASE_URL", "select hash from tokens order by hash")
    assert (found.rows, found.truncated) == ((("aa",), ("bb",)), True)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into tokens values ('x', 'x', null, null)",
        "update tokens set hash = 'x'",
        "delete from tokens",
        "drop table tokens",
        "select 1; delete from tokens",
        "commit; delete from tokens",
        "select ';'; commit; delete from tokens; select '$$'",
        "create table more (a text)",
        "with gone as (delete from tokens returning hash) select * from gone",
    ],
)
def test_nothing_is_written(url: str, tmp_path: Path, sql: str) -> None:
    database = client(url, tmp_path)
    with pytest.raises(CannotTell):
        database.query("DATABASE_URL", sql)
    assert database.query("DATABASE_URL", "select count(*) from tokens").rows == ((3,),)


@pytest.mark.parametrize(
    ("sql", "said", "reason"),
    [
        ("select 1 from nowhere", "nowhere", Reason.NOT_FOUND),
        ("select absent from tokens", "absent", Reason.NOT_FOUND),
        ("selec 1", "selec", Reason.UNAVAILABLE),
        ("select :who", "names :who, which has no value", Reason.UNAVAILABLE),
    ],
)
def test_a_wrong_statement_is_said(url: str, tmp_path: Path, sql: str, said: str, reason: Reason) -> None:
    with pytest.raises(CannotTell, match=said) as error:
        client(url, tmp_path).query("DATABASE_URL", sql)
    assert error.value.reason is reason


def test_a_statement_has_its_time(url: str, tmp_path: Path) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    started = time.monotonic()
    with pytest.raises(CannotTell) as error:
        client(url, tmp_path, timeout=0.3).query("DATABASE_URL", endless)
    assert error.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 20


def test_where_it_is(shop: Shop, tmp_path: Path) -> None:
    source = client(shop.url, tmp_path).source("DATABASE_URL")
    assert source == f"PostgreSQL database {shop.name} at 127.0.0.1:{shop.cluster.port}"
    assert client("sqlite:///a.db", tmp_path).source("DATABASE_URL") == "SQLite in a.db"


def test_a_relative_file_lies_in_the_root(file: Path) -> None:
    root = file.parents[1]
    found = client("sqlite:///data/my shop.db?timeout=5", root).query("DATABASE_URL", "select 1")
    assert found.rows == ((1,),)


def test_a_file_that_is_being_written_is_read(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("insert into tokens values ('sub_3', 'dd', null, null)")
        assert client(f"sqlite:///{file}", tmp_path).query("DATABASE_URL", "select count(*) from tokens").rows == (
            (3,),
        )
        writer.commit()
        assert client(f"sqlite:///{file}", tmp_path).query("DATABASE_URL", "select count(*) from tokens").rows == (
            (4,),
        )


@pytest.mark.parametrize("sql", ["attach database 'other.db' as other", "pragma writable_schema = on", "vacuum"])
def test_sqlite_reads_this_file_alone(file: Path, tmp_path: Path, sql: str) -> None:
    with pytest.raises(CannotTell):
        client(f"sqlite:///{file}", tmp_path).query("DATABASE_URL", sql)
    assert not Path("other.db").exists()


def test_the_tables_may_be_asked_for(file: Path, tmp_path: Path) -> None:
    database = client(f"sqlite:///{file}", tmp_path)
    assert database.query("DATABASE_URL", "select name from sqlite_master where type = 'table'").rows == (("tokens",),)
    assert len(database.query("DATABASE_URL", "select name from pragma_table_info('tokens')").rows) == 4


@pytest.mark.parametrize(
    ("value", "said", "reason"),
    [
        (None, "DATABASE_URL is not set", Reason.MISSING),
        (" ", "DATABASE_URL is not set", Reason.MISSING),
        ("sqlite:///gone.db", "there is no database file gone.db", Reason.NOT_FOUND),
        ("sqlite://", "a database in the service's memory", Reason.UNAVAILABLE),
        ("sqlite:///:memory:", "a database in the service's memory", Reason.UNAVAILABLE),
        ("sqlite:///text.db", "not a database", Reason.UNAVAILABLE),
        ("mysql://user:word@host/name", "no URL of SQLite or PostgreSQL", Reason.UNAVAILABLE),
        ("postgresql://user:word@[half/name", "DATABASE_URL is no URL", Reason.UNAVAILABLE),
        ("postgresql://user:word@host:port/name", "DATABASE_URL is no URL", Reason.UNAVAILABLE),
        ("word", "no URL of SQLite", Reason.UNAVAILABLE),
    ],
)
def test_a_url_that_leads_nowhere(value: str | None, said: str, reason: Reason, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all " * 100)
    with pytest.raises(CannotTell, match=said) as error:
        client(value, tmp_path).query("DATABASE_URL", "select name from sqlite_master")
    assert error.value.reason is reason
    assert "word" not in error.value.message or value == "word"


def test_a_wrong_password_is_not_shown(shop: Shop, tmp_path: Path) -> None:
    wrong = secrets.token_urlsafe(12)
    with pytest.raises(CannotTell, match="password authentication failed") as error:
        client(shop.at(shop.owner, wrong, shop.name), tmp_path).query("DATABASE_URL", "select 1")
    assert error.value.reason is Reason.DENIED
    assert wrong not in f"{error.value!r}{error.value.__cause__!r}"


def test_a_password_with_every_character(shop: Shop, tmp_path: Path) -> None:
    word = "a:b@c/d?e#f%g é"
    with (
        shop.cluster.role(word) as stranger,
        pytest.raises(CannotTell, match="permission denied for table tokens") as error,
    ):
        client(shop.at(stranger, word, shop.name), tmp_path).query("DATABASE_URL", "select * from tokens")
    assert error.value.reason is Reason.DENIED


def test_no_such_database(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match='database "nowhere" does not exist') as error:
        client(shop.at(shop.owner, shop.password, "nowhere"), tmp_path).query("DATABASE_URL", "select 1")
    assert error.value.reason is Reason.NOT_FOUND


def test_a_socket_and_a_mode_of_tls(shop: Shop, tmp_path: Path) -> None:
    place = f"host={shop.cluster.folder}&port={shop.cluster.port}"
    local = f"postgresql+asyncpg://{shop.owner}:{shop.password}@/{shop.name}?{place}"
    assert client(local, tmp_path).query("DATABASE_URL", "select 1").rows == ((1,),)
    with pytest.raises(CannotTell, match="SSL"):
        client(f"{shop.url}?ssl=require", tmp_path).query("DATABASE_URL", "select 1")


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match=r"[Cc]onnection refused") as error:
        client(f"postgresql://u:pass@127.0.0.1:{free_port()}/shop", tmp_path).query("DATABASE_URL", "select 1")
    assert error.value.reason is Reason.UNAVAILABLE
    assert "pass@" not in str(error.value)


def test_somebody_listens_and_says_nothing(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/shop"
        started = time.monotonic()
        with pytest.raises(CannotTell) as error:
            client(url, tmp_path, timeout=0.2).query("DATABASE_URL", "select 1")
    assert error.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 20


def test_many_threads_at_once(url: str, tmp_path: Path) -> None:
    database, seen = client(url, tmp_path), list[object]()

    def ask() -> None:
        seen.extend(database.query("DATABASE_URL", ACTIVE, {"subscription": "sub_1"}).rows)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(1,)] * 8


def test_a_missing_extra_is_said_with_the_command(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", WITHOUT_PSYCOPG]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == (
        "PostgreSQL needs the extra [postgres], which is not installed | pip install 'readiness[postgres]'\n"
    )


WITHOUT_PSYCOPG = """
import sys
from pathlib import Path
sys.modules["psycopg"] = None
from readiness.api import CannotTell
from readiness.redact import Redactor
from readiness.world.database import DatabaseClient
from readiness.world.env import Env
try:
    DatabaseClient(env=Env({"U": "postgresql://a/b"}, None, Redactor()), root=Path()).query("U", "select 1")
except CannotTell as cannot:
    print(cannot.message, "|", cannot.fix)
"""


@pytest.mark.parametrize(
    ("sql", "found", "text"),
    [
        ("select 1", (), "select 1"),
        ("a = :a and b = :b and c = :a", ("a", "b"), "a = $1 and b = $2 and c = $1"),
        ("x::text = :x", ("x",), "x::text = $1"),
        ("':a' \":b\" --:c\n/* :d\n:e */ :f", ("f",), "':a' \":b\" --:c\n/* :d\n:e */ $1"),
        ("'it''s :a' || :b", ("b",), "'it''s :a' || $1"),
        ("$$:a$$ || $t$:b$t$ || :c", ("c",), "$$:a$$ || $t$:b$t$ || $1"),
        ("items[1:2] = :a", ("a",), "items[1:2] = $1"),
    ],
)
def test_parameters_of_a_statement(sql: str, found: tuple[str, ...], text: str) -> None:
    assert names(sql) == found
    assert numbered(sql, {"a": 1, "b": 2, "c": 3, "f": 6, "x": 9})[0] == text
