"""The kind `python.sql`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.globs import validate_globs
from readiness.pysource.strings import BUILDERS, HOLE, Names, is_function, names_of, text_of

STATEMENT = re.compile(
    r"\s*(WITH\b.*?\b)?(SELECT\b.*\bFROM\b|INSERT\s+INTO\b|REPLACE\s+INTO\b|UPDATE\b.*\bSET\b|DELETE\s+FROM\b"
    r"|(DROP|ALTER|CREATE|TRUNCATE)\s+(TABLE|INDEX|VIEW|USER|ROLE|DATABASE|SCHEMA)\b)",
    re.DOTALL,
)
SMALL = re.compile(
    r"\s*(select\b.*\bfrom\s+\S+\s+(where|join|left|inner|order|group|limit)\b|select\s+(\*|count\(.*)\s+from\b"
    r"|insert\s+into\s+\S+\s*(\(|values|select)|update\s+\S+\s+set\s+\S+\s*=|delete\s+from\s+\S+\s+where\b"
    r"|(drop|alter|create|truncate)\s+table\b)",
    re.DOTALL,
)
"""In small letters only what can be nothing but SQL, as English has the same verbs."""
FRAGMENT = re.compile(r"(?i)\b(select|insert|update|delete|where|from|drop|values|order\s+by|and|or|like|in)\b|[=<>]")
MENTIONED = re.compile(
    rb"(?i)\b(select|insert|replace|update|delete|drop|alter|create|truncate)\s|\.exec|\bsqlalchemy\b"
)
"""Without any of these a file need not be parsed."""
EXECUTES = frozenset({"execute", "executemany", "executescript", "exec_driver_sql"})


@dataclass(frozen=True, kw_only=True)
class PythonSql:
    """No SQL is put together from values that are known only when the program runs.

    The source is read, never run. F-strings, ``+``, ``+=``, ``%``, ``format`` and ``join`` are
    understood, over several lines and through variables. Constants, names in capitals, numbers
    from ``int()`` and lists of ``?`` may be part of a statement; values belong into parameters.
    CWE-89, https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html.
    """

    id: ClassVar = "python.sql"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ

    files: tuple[str, ...]
    """Globs of the files to look in, relative to the checklist's root."""
    exclude: tuple[str, ...] = ()
    """Globs of files to leave out."""

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError("`files` is empty: name at least one glob")
        validate_globs((*self.files, *self.exclude))

    def looks_at(self) -> Iterator[str]:
        """The globs."""
        yield from self.files

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at every text that each file puts together."""
        paths = world.repo.files(self.files, self.exclude)
        if not paths:
            fix = "correct `files`, relative to the checklist's root"
            raise CannotTell(f"no file matches {', '.join(self.files)}", reason=Reason.NOT_FOUND, fix=fix)
        for path in paths:
            yield self._file(world, path)

    def _file(self, world: World, path: str) -> Outcome:
        expected = "bound parameters for all values"
        if not MENTIONED.search(world.repo.read(path)):
            return passed(f"{path} has no SQL", expected=expected, observed="none", subject=path)
        try:
            tree = world.repo.python(path)
        except SyntaxError as error:
            observed = f"line {error.lineno}: {error.msg}"
            return failed(f"{path} is not Python", expected="source that compiles", observed=observed, subject=path)
        found = list(_built(tree, names_of(tree), _text_functions(tree)))
        if not found:
            return passed(f"{path} puts no SQL together", expected=expected, observed="none", subject=path)
        line = found[0].lineno
        evidence = [Evidence.of(f"{path}:{node.lineno}", ast.unparse(node)) for node in found[:20]]
        message = f"SQL is put together from values in {path}:{line}: hand them over as parameters"
        return failed(message, expected=expected, observed=f"{len(found)} places", subject=path, evidence=evidence)


def _text_functions(tree: ast.Module) -> frozenset[str]:
    """The names under which SQLAlchemy's text() is known here."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports if (node.module or "").startswith("sqlalchemy") for name in node.names)
    return frozenset(name.asname or name.name for name in names if name.name == "text")


def _built(node: ast.AST, names: Names, texts: frozenset[str]) -> Iterator[ast.expr | ast.stmt]:
    """The outermost expressions that put SQL together."""
    for child in ast.iter_child_nodes(node):
        inner = names_of(child, names) if is_function(child) else names
        if isinstance(child, BUILDERS) and _is_sql(child, inner, texts):
            yield child
        else:
            yield from _built(child, inner, texts)


def _is_sql(node: ast.expr | ast.stmt, names: Names, texts: frozenset[str]) -> bool:
    if isinstance(node, ast.Call) and node.args and _executes(node.func, texts):
        text = text_of(node.args[0], names)
        return HOLE in text and bool(FRAGMENT.search(text))
    text = text_of(node, names)
    return HOLE in text and bool(STATEMENT.match(text) or SMALL.match(text))


def _executes(func: ast.expr, texts: frozenset[str]) -> bool:
    if isinstance(func, ast.Attribute):
        of_library = isinstance(func.value, ast.Name) and func.value.id in {"sa", "sqlalchemy"}
        return func.attr in EXECUTES or (func.attr == "text" and of_library)
    return isinstance(func, ast.Name) and func.id in texts
