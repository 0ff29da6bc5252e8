from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from checks.python_sql import PythonSql
from readiness.api import CannotTell, Outcome
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env


def look(root: Path, source: str | None, files: tuple[str, ...] = ("**/*.py",)) -> list[Outcome]:
    if source is not None:
        (root / "db.py").write_text(textwrap.dedent(source))
    world = Outside(environment="test", root=root, env=Env({}, None, Redactor()), redactor=Redactor())
    return list(PythonSql(files=files).run(world))


INJECTABLE = {
    "f-string": "def f(db, x): db.execute(f\"SELECT * FROM t WHERE a = '{x}'\")",
    "f-string of several lines": "def f(db, x): db.execute(f'''\n SELECT *\n FROM t\n WHERE a = '{x}'\n ''')",
    "the second line is the f-string": "def f(db, x): db.execute('SELECT a FROM t ' f'WHERE a = {x}')",
    "small letters": "def f(db, x): db.execute(f\"select a from t where a = '{x}'\")",
    "through a variable": "def f(db, x):\n    q = f\"SELECT a FROM t WHERE a = '{x}'\"\n    return db.run(q)",
    "plus": 'def f(db, x): db.execute("SELECT a FROM t WHERE a = \'" + x + "\'")',
    "plus equals": "def f(db, x):\n    q = 'SELECT a FROM t WHERE a = '\n    q += x\n    db.execute(q)",
    "percent": "def f(db, x): db.execute('DELETE FROM t WHERE a = %s' % x)",
    "percent with a tuple": "def f(db, x): db.execute('DELETE FROM t WHERE a = %s' % (x,))",
    "format": "def f(db, x): db.execute('SELECT a FROM t WHERE a = {}'.format(x))",
    "format of a constant": "Q = 'SELECT a FROM t WHERE a = {x}'\ndef f(db, x): db.execute(Q.format(x=x))",
    "join": "def f(db, x): db.execute(''.join(['SELECT a FROM t WHERE a = ', x]))",
    "text of SQLAlchemy": "from sqlalchemy import text\ndef f(q, x): q.where(text(f'a = {x}'))",
    "text under another name": "from sqlalchemy import text as sql\ndef f(q, x): q.where(sql(f'a = {x}'))",
    "text of the package": "import sqlalchemy as sa\ndef f(q, x): q.where(sa.text(f'a = {x}'))",
    "a table from outside": "def f(db, table): db.execute(f'DELETE FROM {table}')",
    "a method": "class R:\n    def f(self, x): return self.db.fetch(f'SELECT a FROM t WHERE a = {x}')",
    "a loop": "def f(db, xs):\n    for x in xs: db.execute(f'UPDATE t SET a = {x}')",
    "a name in capitals that is an argument": "def f(db, X): db.execute(f'DELETE FROM t WHERE a = {X}')",
    "a common table expression": "def f(db, x): db.execute(f'WITH a AS (SELECT 1) SELECT * FROM a WHERE b = {x}')",
}


@pytest.mark.parametrize("source", INJECTABLE.values(), ids=INJECTABLE.keys())
def test_sql_from_values_fails(tmp_path: Path, source: str) -> None:
    (outcome,) = look(tmp_path, source)
    assert not outcome.ok
    assert "db.py:" in outcome.message
    assert outcome.evidence


SAFE = {
    "bound parameters": "def f(db, x): db.execute('SELECT a FROM t WHERE a = ?', (x,))",
    "bound by name": "def f(db, x): db.execute('SELECT a FROM t WHERE a = %(x)s', {'x': x})",
    "text with parameters": "from sqlalchemy import text\ndef f(db, x): db.execute(text('SELECT :x'), {'x': x})",
    "constants put together": "C = 'a, b'\ndef f(db): db.execute(f'SELECT {C} FROM t')",
    "constants of two lines": "def f(db): db.execute('SELECT a ' + 'FROM t')",
    "a constant that grows": "def f(db):\n  q = 'SELECT a FROM t'\n  q = q + ' LIMIT 1'\n  q += ';'\n  db.execute(q)",
    "an imported constant": "from names import T\ndef f(db, x): db.execute(f'SELECT a FROM {T} WHERE a = ?', x)",
    "a model's table": "def f(db, User): db.execute(f'SELECT a FROM {User.__tablename__}')",
    "a number": "def f(db, n): db.execute(f'SELECT a FROM t LIMIT {int(n)}')",
    "question marks": "def f(db, xs): db.execute(f\"SELECT a FROM t WHERE a IN ({','.join('?' for _ in xs)})\", xs)",
    "many question marks": "def f(db, xs): db.execute('SELECT a FROM t WHERE a IN (%s)' % ','.join('?' * len(xs)))",
    "one constant or another": "def f(db, up): db.execute('SELECT a FROM t ORDER BY a ' + ('ASC' if up else 'DESC'))",
    "a loop over constants": "def f(op):\n  for t in ('a', 'b'):\n    op.execute(f'ALTER TABLE {t} ADD c INT')",
    "the ORM": "def f(s, User, x): return s.execute(select(User).where(User.email == x))",
    "a query built elsewhere": "def f(db, query): return db.execute(query)",
    "English": "def f(log, x): log.info(f'Select a plan from {x}')",
    "English that updates": "def f(log, x): log.info(f'update {x}, then set the date')",
    "English that deletes": "def f(x): raise KeyError(f'cannot delete from {x}')",
    "text of somebody else": "def f(draw, x): draw.text(f'from {x} = y')",
    "a docstring": 'def f(x):\n    """SELECT a FROM t WHERE a = {x}"""',
    "a comment": "# f\"SELECT a FROM t WHERE a = '{x}'\"\n",
    "an address": "def f(http, x): return http.get(f'/api/select/{x}?from=1')",
}


@pytest.mark.parametrize("source", SAFE.values(), ids=SAFE.keys())
def test_other_texts_pass(tmp_path: Path, source: str) -> None:
    (outcome,) = look(tmp_path, source)
    assert outcome.ok, outcome.message


def test_each_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    assert [outcome.ok for outcome in look(tmp_path, INJECTABLE["plus"])] == [False, True]


def test_what_is_no_python_fails(tmp_path: Path) -> None:
    (outcome,) = look(tmp_path, "def broken(:\n  select this\n")
    assert not outcome.ok
    assert "db.py is not Python" in outcome.message


def test_no_file_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="no file matches"):
        look(tmp_path, None)


def test_names_that_refer_to_each_other_end(tmp_path: Path) -> None:
    chain = [f"a{number} = a{number + 1} + a{number + 1}" for number in range(200)]
    source = [*chain, "a200 = a0 + a0", "db.execute('SELECT a FROM t WHERE ' + a0)"]
    (outcome,) = look(tmp_path, "\n".join(source))
    assert not outcome.ok


@pytest.mark.parametrize("files", [(), ("/etc/*.py",)])
def test_options_that_say_nothing_are_refused(files: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"files|root"):
        PythonSql(files=files)
