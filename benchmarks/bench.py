"""Speed, each figure beside a named peer that does the same work in the same run.

``make bench``, or ``python -m benchmarks.bench [--rounds N] [--only WORD]``. Ends with 1 when a bound is
passed, or when a figure or a peer is missing: what was not measured is not fast.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import mail, outside, tree, web
from benchmarks.measure import Contest, Figures, Program, measure
from benchmarks.release import ITEMS, Release

PROGRAMS = Path(sys.executable).parent
ROW = "{:<34} {:>10} {:>19} {:>8} {:>9}  {:<22} {}"


def main() -> int:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, help="runs of each program (default: 3 to 15, as each contest needs)")
    parser.add_argument("--only", default="", metavar="WORD", help="the contests whose title holds this word")
    options = parser.parse_args()
    print(ROW.format("", "median", "min - max", "peak", "ours/this", "bound", ""))
    good = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        for contest in contests(folder, stack):
            if options.only in contest.title:
                good &= show(contest, options.rounds or contest.rounds)
    return 0 if good else 1


def contests(folder: Path, stack: ExitStack) -> Iterator[Contest]:
    """Each is made when its turn comes, so that a planted defect harms no other."""
    yield startup("--version", folder, at_most=3)
    yield startup("--help", folder, at_most=12)
    yield thousand_items(folder / "thousand")
    yield hundred_questions(folder / "hundred")
    yield hundred_probes(folder, stack.enter_context(web.running()))
    yield spf_and_dmarc(folder / "mail", stack.enter_context(mail.running()))
    yield outside.contest(_beside("readiness"), folder / "outside", at_most=1.5)
    release = Release(folder=folder / "release")
    release.make()
    yield page(release)
    yield paper(release)
    yield verification(release)
    yield signature(release)


def startup(option: str, folder: Path, *, at_most: float) -> Contest:
    """What every call costs before it does anything."""
    python = Program(name="python -c pass", argv=(sys.executable, "-c", "pass"), cwd=folder, at_most=at_most)
    return Contest(title=f"start: readiness {option}", ours=_ours(option, cwd=folder), peers=(python,), rounds=15)


def thousand_items(folder: Path) -> Contest:
    """The engine itself: reading, planning, running, judging and reporting."""
    forest = _forest(folder)
    ours = _ours("check", "-c", str(tree.thousand(forest)), cwd=folder)
    return Contest(title="engine: 1,000 trivial items", ours=ours, seconds=1.5, megabytes=120, spoil=forest.spoil)


def hundred_questions(folder: Path) -> Contest:
    """Files and texts."""
    forest = _forest(folder)
    ours = _ours("check", "-c", str(tree.checklist(forest)), cwd=folder)
    script = Program(name="sh script, ripgrep", argv=("sh", str(tree.shell_script(forest))), cwd=folder, at_most=1.0)
    tree.readiness_as_code(forest)
    peer = Program(name="readiness-as-code 0.7.1", argv=(_beside("ready"), "scan"), cwd=forest.root, at_most=0.25)
    title = f"files: 100 questions about {tree.FILES:,} files"
    return Contest(title=title, ours=ours, peers=(script, peer), rounds=3, spoil=forest.spoil)


def hundred_probes(folder: Path, server: web.Web) -> Contest:
    """Endpoints. 1.1 s where curl took 0.43 s is the bound beside curl."""
    parallel = ("--silent", "--fail", "--fail-early", "--parallel", "--parallel-max", "16", "--config")
    peers = (
        Program(
            name="curl --parallel",
            argv=("curl", *parallel, str(web.curl_config(server, folder))),
            cwd=folder,
            at_most=1.1 / 0.43,
        ),
        Program(
            name="gabbi", argv=(_beside("gabbi-run"), "--", str(web.gabbi(server, folder))), cwd=folder, at_most=1.0
        ),
        Program(
            name="tavern",
            argv=(_beside("pytest"), "-q", "-p", "no:cacheprovider", str(web.tavern(server, folder))),
            cwd=folder,
            at_most=1.0,
        ),
    )
    ours = _ours("check", "-c", str(web.checklist(server, folder)), cwd=folder)
    title = f"http: {web.PROBES} probes of {web.LATENCY * 1000:.0f} ms"
    return Contest(title=title, ours=ours, peers=peers, rounds=3, spoil=server.spoil)


def spf_and_dmarc(folder: Path, server: mail.Mail) -> Contest:
    """Mail records of a domain; what is slow about it is starting."""
    checklist = mail.checklist(folder)
    nameserver = f"127.0.0.1:{server.port}"
    ours = _ours("check", "-c", str(checklist), "--nameserver", nameserver, cwd=folder)
    peer = Program(name="checkdmarc", argv=mail.checkdmarc(server, folder), cwd=folder, at_most=0.5)
    return Contest(title="mail: SPF and DMARC of a domain", ours=ours, peers=(peer,), rounds=9, spoil=server.spoil)


def verification(release: Release) -> Contest:
    """What a deployment waits for: anybody verifies, by hand too."""
    python = Program(name="python -c pass", argv=(sys.executable, "-c", "pass"), cwd=release.folder, adds=0.06)
    by_hand = Program(name="jq, base64, ssh-keygen", argv=release.by_hand(), cwd=release.report.parent, at_most=1.0)
    ours = _ours("verify", cwd=release.repository)
    title = f"verify: two sign-offs, {ITEMS} items"
    return Contest(title=title, ours=ours, peers=(python, by_hand), rounds=15, spoil=release.spoil)


def signature(release: Release) -> Contest:
    """All that is there is verified before a person signs; so a spoiled report is not signed."""
    release.restore()
    ours = Program(name="readiness", argv=release.anew(), cwd=release.repository)
    alone = Program(name="ssh-keygen -Y sign", argv=release.bare_signature(), cwd=release.folder)
    return Contest(title=f"sign-off: {ITEMS} items", ours=ours, peers=(_start(release, adds=0.2), alone))


def page(release: Release) -> Contest:
    """The report as a page."""
    ours = _ours("report", "--output", str(release.folder / "page.html"), cwd=release.repository)
    return Contest(title=f"report: HTML of {ITEMS} items", ours=ours, peers=(_start(release, adds=0.3),))


def paper(release: Release) -> Contest:
    """The report on paper; laying it out is WeasyPrint's work."""
    ours = _ours("report", "--output", str(release.folder / "paper.pdf"), cwd=release.repository)
    return Contest(title=f"report: PDF of {ITEMS} items", ours=ours, seconds=5, rounds=3)


def _start(release: Release, *, adds: float) -> Program:
    help_page = (_beside("readiness"), "--help")
    return Program(name="readiness --help", argv=help_page, cwd=release.folder, adds=adds)


def _forest(folder: Path) -> tree.Tree:
    forest = tree.Tree(folder=folder)
    forest.grow()
    return forest


def _ours(*arguments: str, cwd: Path) -> Program:
    return Program(name="readiness", argv=(_beside("readiness"), *arguments), cwd=cwd)


def _beside(program: str) -> str:
    return str(PROGRAMS / program)


def show(contest: Contest, rounds: int) -> bool:
    """Print the rows of one contest; whether all that had to be measured was, within its bounds."""
    figures = measure(contest, rounds)
    print(f"\n{contest.title} (n={rounds})")
    ours = figures[contest.ours.name]
    good = _show_ours(contest, ours)
    for peer in contest.peers:
        good &= _show_peer(peer, figures[peer.name], ours)
    sys.stdout.flush()
    return good


def _show_ours(contest: Contest, ours: Figures) -> bool:
    if ours.trouble:
        return _row(contest.ours.name, ours)
    bounds = (("s", contest.seconds, ours.median), ("MB", contest.megabytes, ours.peak))
    asked = {f"<= {bound:g} {unit}": value <= bound for unit, bound, value in bounds if bound is not None}
    return _row(contest.ours.name, ours, bound=" ".join(asked), fine=all(asked.values()))


def _show_peer(peer: Program, figures: Figures, ours: Figures) -> bool:
    if figures.trouble or ours.trouble:
        return _row(peer.name, figures)
    ratio, more = ours.median / figures.median, ours.median - figures.median
    asked = {}
    if peer.at_most is not None:
        asked[f"<= {peer.at_most:.2f}x"] = ratio <= peer.at_most
    if peer.adds is not None:
        asked[f"<= +{peer.adds * 1000:.0f} ms"] = more <= peer.adds
    compared = f"{ratio:.2f}x" if peer.adds is None else f"+{more * 1000:.0f} ms"
    return _row(peer.name, figures, ratio=compared, bound=" ".join(asked), fine=all(asked.values()))


def _row(name: str, figures: Figures, *, ratio: str = "", bound: str = "", fine: bool = True) -> bool:
    if figures.trouble:
        print(f"  {name:<32} {figures.trouble}")
        return False
    spread = f"{min(figures.seconds):.3f} - {max(figures.seconds):.3f} s"
    verdict = ("ok" if fine else "OVER") if bound else ""
    print(ROW.format(f"  {name}", f"{figures.median:.3f} s", spread, f"{figures.peak:.0f} MB", ratio, bound, verdict))
    return fine


if __name__ == "__main__":
    sys.exit(main())
