"""Bundle and ledger change together: a kill at every step, a full disk, a folder that may not be written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.signoff import store
from tests.privileges import without_privileges
from tests.signoff.stored import done, make_report, script, sign, signers

KILLED = """
    import os, shutil, signal
    from readiness.signoff.model import BUNDLE

    TOUCHES = {"open", "write", "flush", "fsync", "replace", "unlink", "mkdir", "fchmod", "truncate", "pwrite", "close"}

    def child(report, point):
        count = 0

        def each(frame, event, argument):
            nonlocal count
            if event == "c_call" and argument.__name__ in TOUCHES:
                count += 1
                if count == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(each)
        sign(report, "erin")
        sys.setprofile(None)
        os._exit(0)

    home, states, point, status = Path(sys.argv[1]), set(), 0, -1
    while status != 0:
        point += 1
        shutil.copytree(home / "old", home / "new", symlinks=True)
        report = next((home / "new").rglob("report.json"))
        process = os.fork()
        if not process:
            child(report, point)
        status = os.waitpid(process, 0)[1]
        state = signers(report)
        assert state in ((["carol"], ["carol"]), (["carol", "erin"], ["carol", "erin"])), (point, state)
        states.add(len(state[0]))
        sign(report, "dave")
        assert signers(report) == (state[0] + ["dave"], state[1] + ["dave"]), point
        reports = report.parents[2]
        assert (reports / "ledger.jsonl").read_bytes() == store.load_ledger(report)
        assert report.with_name(BUNDLE).read_bytes() == store.load_bundle(report)
        left = sorted(path.name for path in (reports / ".pending").iterdir())
        assert left == [".gitignore", "lock"], (point, left)
        shutil.rmtree(home / "new")
    print(point, sorted(states))
"""


def test_killed_at_every_step_it_is_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    sign(make_report(tmp_path / "old"), "carol")
    points, states = done(script(KILLED, tmp_path)).split(maxsplit=1)
    assert states.strip() == "[1, 2]"
    assert int(points) > 30


FULL = """
    import resource, signal
    from readiness.errors import UsageError

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    try:
        store.append(Path(sys.argv[1]), record("erin"), b'{"by":"erin","pad":"' + b"x" * 3000 + b'"}')
    except UsageError as error:
        print(error)
    else:
        print("written")
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path)


def test_a_disk_that_is_full_at_any_byte_keeps_the_old_state(report: Path) -> None:
    sign(report, "carol")
    before = store.load(report)
    said = {limit: done(script(FULL, report, str(limit))) for limit in (100, 1000, 3200, 3600)}
    for words in said.values():
        assert "cannot record it in" in words
        assert "nothing was changed" in words
    assert store.load(report) == before
    assert done(script(FULL, report, "100000")) == "written\n"
    assert signers(report) == (["carol", "erin"], ["carol", "erin"])


def test_a_full_file_system_says_so(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", mount], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this user may not mount a small file system")
    try:
        report = make_report(mount)
        sign(report, "carol")
        before = store.load(report)
        with pytest.raises(OSError, match="No space"):
            (mount / "filler").write_bytes(bytes(1 << 20))
        with pytest.raises(UsageError, match="No space left on device; nothing was changed"):
            sign(report, "erin")
        assert store.load(report) == before
        (mount / "filler").unlink()
        sign(report, "erin")
        assert signers(report) == (["carol", "erin"], ["carol", "erin"])
    finally:
        subprocess.run(["umount", mount], check=True)


def test_a_folder_that_may_not_be_written_says_so(report: Path) -> None:
    sign(report, "carol")
    before = store.load(report)
    with without_privileges(report.parents[2] / ".pending"), pytest.raises(UsageError, match="Permission denied"):
        sign(report, "erin")
    assert store.load(report) == before
