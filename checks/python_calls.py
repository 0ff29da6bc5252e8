"""The kind `python.calls`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.globs import validate_globs
from readiness.pysource.code import Code
from readiness.pysource.sites import Site, swallowed_at


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
        if (self.argument or self.keywords or self.must_raise) and not self.calls:
            raise ValueError("`argument`, `keywords` and `must_raise` speak of `calls`, and there are none")
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
        yield from (self._called(code, name, code.calls(name, within)) for name in self.calls)
        yield from (_forbidden(name, code.calls(name, within)) for name in self.forbid)

    def _called(self, code: Code, name: str, sites: tuple[Site, ...]) -> Outcome:
        for complaint, kept in self._narrowed(code, name, sites):
            if not kept:
                return failed(
                    f"{name} {complaint}",
                    reason=Reason.MISMATCH if sites else Reason.MISSING,
                    expected=self._wanted(name),
                    observed=sites[0].text if sites else "no such call",
                    subject=name,
                    evidence=_evidence(sites),
                )
            sites = kept
        message = f"{name} is called in {sites[0].place}"
        return passed(
            message, expected=self._wanted(name), observed=sites[0].text, subject=name, evidence=_evidence(sites)
        )

    def _narrowed(self, code: Code, name: str, sites: tuple[Site, ...]) -> Iterator[tuple[str, tuple[Site, ...]]]:
        """What is left after each question, and what to say if that is nothing."""
        where = f" by what answers {self.handler_of}" if self.handler_of else ""
        yield f"is called nowhere{where}", sites
        sites = tuple(site for site in sites if code.live(site))
        yield "is called only in a function that nothing uses", sites
        if self.argument:
            sites = tuple(site for site in sites if code.has_argument(site, self.argument))
            known = code.defines(self.argument.split("|")[0].strip())
            yield f"never gets {self.argument}" if known else f"cannot get {self.argument}: it is not defined", sites
        if self.keywords:
            sites = tuple(site for site in sites if code.has_keywords(site, self.keywords))
            yield f"is never called with {_keywords(self.keywords)}", sites
        if self.must_raise:
            lines = [str(swallowed_at(site)) for site in sites]
            sites = tuple(site for site in sites if not swallowed_at(site))
            yield f"may fail unnoticed: line {', '.join(lines)} goes on as if it had worked", sites

    def _wanted(self, name: str) -> str:
        """What is expected, in words."""
        parts = [f"a call of {name}", f"with {self.argument}" if self.argument else "", _keywords(self.keywords)]
        return " ".join(part for part in parts if part)


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


def _keywords(keywords: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in keywords.items())
