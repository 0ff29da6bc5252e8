"""The kind `python.calls`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.globs import validate_globs
from readiness.pysource.code import Code
from readiness.pysource.demands import Demands, say
from readiness.pysource.scopes import Scope
from readiness.pysource.sites import Site


@dataclass(frozen=True, kw_only=True)
class PythonCalls:
    """Python code really imports and calls what it should, and nothing that it should not.

    The source is read, never run. Import aliases, assignments, loops over lists, factories and
    attributes of `self` are followed through the whole repository. What cannot run does not
    count: comments, strings, `if False:`, `if TYPE_CHECKING:`, what stands after a return or
    raise, and functions that nothing refers to.

    Names are full names such as `stripe.Webhook.construct_event`; a method of an object is named
    by its class (`stripe.StripeClient.construct_event`), `*` is any text, and `a | b` is either.
    """

    id: ClassVar = "python.calls"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ

    files: tuple[str, ...]
    """Globs of the files that must hold the imports and calls, relative to the checklist's root."""
    imports: tuple[str, ...] = ()
    """Modules, or names in modules, each of which must be imported."""
    calls: tuple[str, ...] = ()
    """Functions, each of which must be called at least once."""
    argument: str | None = None
    """Full name of what must be among the arguments, also as an element of a list or inside a constructor."""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    """Literal keyword arguments that the call must have; of a mapping only the keys given; null: left out."""
    must_raise: bool = False
    """What the call raises must not be swallowed: each `except` around it ends in raise or return."""
    always: bool = False
    """No condition may let the code go on without the call."""
    forbid: tuple[str, ...] = ()
    """Functions that must not be called, by code that is used or not."""
    handler_of: str | None = None
    """Path of a route: only what its handler, its dependencies and what these use counts."""

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError("`files` is empty: name at least one glob")
        validate_globs(self.files)
        if not (self.imports or self.calls or self.forbid):
            raise ValueError("none of `imports`, `calls` and `forbid` is given, so nothing would be checked")
        if (self.argument or self.keywords or self.must_raise or self.always) and not self.calls:
            raise ValueError("`argument`, `keywords`, `must_raise` and `always` speak of `calls`, and there are none")
        if self.handler_of is not None and not self.handler_of.startswith("/"):
            raise ValueError(f"the route {self.handler_of!r} must begin with /")
        for name in (*self.imports, *self.calls, *self.forbid):
            if not name.strip("*. |"):
                raise ValueError(f"{name!r} names everything, so it says nothing")

    def looks_at(self) -> Iterator[str]:
        """The globs; names are followed through the other Python files too."""
        yield from self.files

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the code, then ask one question after the other."""
        files = world.repo.files(self.files)
        if not files:
            fix = "correct `files`, relative to the checklist's root"
            raise CannotTell(f"no file matches {', '.join(self.files)}", reason=Reason.NOT_FOUND, fix=fix)
        code = Code(world.repo, files)
        if code.broken:
            yield from (_unparsable(path.place, path.message) for path in code.broken)
            return
        yield from (_imported(code, name) for name in self.imports)
        within = code.used_by_route(self.handler_of) if self.handler_of else None
        if self.handler_of and not within:
            message = f"no function in {', '.join(self.files)} answers the route {self.handler_of}"
            yield failed(message, reason=Reason.MISSING, expected="a handler", subject=self.handler_of)
            return
        yield from (self._called(code, name, within) for name in self.calls)
        yield from (_forbidden(name, code.calls(name, within)) for name in self.forbid)

    def _called(self, code: Code, name: str, within: frozenset[Scope] | None) -> Outcome:
        calls = code.calls(name, within)
        wanted = Demands(
            argument=self.argument,
            keywords=self.keywords,
            must_raise=self.must_raise,
            always=self.always,
            within=within,
        )
        expected = " ".join(part for part in (f"a call of {name}", self.argument, say(self.keywords)) if part)
        where = f" (in what answers {self.handler_of})" if self.handler_of else ""
        for complaint, kept in wanted.narrow(code, calls):
            if not kept:
                reason = Reason.MISMATCH if calls else Reason.MISSING
                observed = calls[0].text if calls else "no such call"
                message = f"{name} {complaint}{where}"
                shown = _evidence(calls)
                return failed(
                    message, reason=reason, expected=expected, observed=observed, subject=name, evidence=shown
                )
            calls = kept
        message = f"{name} is called in {calls[0].place}"
        return passed(message, expected=expected, observed=calls[0].text, subject=name, evidence=_evidence(calls))


def _imported(code: Code, name: str) -> Outcome:
    places = code.imports(name)
    if not places:
        message = f"{name} is not imported by code that runs"
        return failed(message, reason=Reason.MISSING, expected=f"import of {name}", observed="none", subject=name)
    if not code.defines(name):
        message = f"{places[0]} imports {name}, which is not there"
        return failed(message, reason=Reason.MISSING, expected=f"a module {name}", observed="none", subject=name)
    return passed(f"{name} is imported in {places[0]}", expected=f"import of {name}", observed=places[0], subject=name)


def _forbidden(name: str, sites: tuple[Site, ...]) -> Outcome:
    if not sites:
        return passed(f"{name} is called nowhere", expected="no call", observed="none", subject=name)
    message = f"{name} must not be called, but is in {sites[0].place}"
    return failed(message, expected="no call", observed=sites[0].text, subject=name, evidence=_evidence(sites))


def _unparsable(place: str, message: str) -> Outcome:
    return failed(f"{place} is not Python: {message}", expected="source that compiles", observed=message, subject=place)


def _evidence(sites: tuple[Site, ...]) -> list[Evidence]:
    return [Evidence.of(site.place, site.text) for site in sites[:20]]
