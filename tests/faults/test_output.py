"""The cron contract under real faults: full disks, kills, closed pipes, crowds.

Faults are made with the system's own means wherever it has them. Those that
only root can make (mounting a small disk, say) are skipped for other users,
and say so.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mpp_cli
from mpp_cli.cli.output import (
    SUFFIX,
    atomic_file,
    check_writable,
    open_output,
    write_bytes,
    write_text,
)
from mpp_cli.common.errors import OutputError, render

ROOT = Path(mpp_cli.__file__).parents[1]
TOKEN = "0123456789abcdef"

# What the commands do around their work: an error is one line and a code.
PROGRAM = """
import os, sys
from mpp_cli.common.errors import MppError, render
from mpp_cli.cli.output import check_writable, flush_stdout, open_output, write_text
try:
    exec(sys.argv[1])
    flush_stdout()
except BrokenPipeError:  # from print(); what mpp writes itself does not raise it
    flush_stdout()
except MppError as error:
    print(render(error), file=sys.stderr)
    sys.exit(error.exit_code)
"""

# Permissions do not bind root, so it becomes nobody first. What is imported
# later may be out of nobody's reach, so all is imported before.
AS_NOBODY = "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make this fault")


def command(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", PROGRAM, code, *arguments]


def run(
    code: str,
    *arguments: str,
    shell: str = '"$@"',
    cwd: Path | str | None = None,
    **environ: str,
) -> subprocess.CompletedProcess[bytes]:
    """Run ``code`` as the commands run, through a shell that redirects ``"$@"``."""
    return subprocess.run(
        ["bash", "-c", shell, "bash", *command(code, *arguments)],
        capture_output=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environ},
        timeout=30,
        check=False,
    )


def temporary_files(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(target: Path | str, text: str = "new") -> OutputError:
    """Return the error of writing, after checking that it is fit to print."""
    with pytest.raises(OutputError) as caught:
        write_text(str(target), text)
    error = caught.value
    assert error.exit_code == 4
    assert error.file == str(target)
    assert error.hint
    assert len(render(error).splitlines()) == 2
    return error


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Give a function that mounts; what it mounted is unmounted at the end."""
    mounted: list[Path] = []

    def mount(at: Path, *arguments: str) -> None:
        done = subprocess.run(["mount", *arguments, str(at)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting is not possible here: {done.stderr.decode().strip()}")
        mounted.append(at)

    yield mount
    for at in reversed(mounted):
        subprocess.run(["umount", "-l", str(at)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path, mount: Callable[..., None]) -> Path:
    """Give a disk of 64 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount(disk, "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    return disk


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Give a folder that every user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


# -------------------------------------------------------------- a plain file


@pytest.mark.parametrize("text", ["", "text", "é中🙂\r\n", "x" * 1_000_000])
def test_a_file_holds_the_text_as_utf8(tmp_path: Path, text: str) -> None:
    target = tmp_path / "report.md"
    for _ in range(2):
        write_text(str(target), text)
        assert target.read_bytes() == text.encode()
        assert os.listdir(tmp_path) == ["report.md"]


def test_a_file_name_that_is_not_utf8_can_be_quoted(tmp_path: Path) -> None:
    write_text(str(tmp_path / "a"), "from caf\udce9.csv")
    assert (tmp_path / "a").read_bytes() == b"from caf\\udce9.csv"


def test_a_relative_name_is_one_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_writable("report.md")
    write_bytes("report.md", b"new")
    assert (tmp_path / "report.md").read_text() == "new"


@pytest.mark.parametrize(
    ("before", "private", "after"),
    [
        (None, False, 0o640),  # what a umask of 027 leaves
        (None, True, 0o600),
        (0o644, False, 0o644),
        (0o600, False, 0o600),
        (0o664, False, 0o664),
        (0o755, False, 0o755),
        (0o640, True, 0o640),  # shared with a group on purpose
        (0o644, True, 0o640),  # but never with everybody
        (0o600, True, 0o600),
    ],
)
def test_permissions(tmp_path: Path, before: int | None, private: bool, after: int) -> None:
    target = tmp_path / "cases.csv"
    if before is not None:
        target.touch()
        target.chmod(before)
    umask = os.umask(0o027)
    try:
        write_text(str(target), "new", private=private)
        assert os.umask(0o027) == 0o027  # it is as it was
    finally:
        os.umask(umask)
    assert mode_of(target) == after


def test_nobody_else_can_read_a_file_while_it_is_written(tmp_path: Path) -> None:
    with open_output(str(tmp_path / "a")) as stream:
        stream.write(b"x" * 1_000_000)
        (name,) = temporary_files(tmp_path)
        assert name.startswith(".a.")
        assert mode_of(tmp_path / name) == 0o600


@only_root
def test_a_file_stays_its_owners(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.touch()
    os.chown(target, 65534, 65534)
    write_text(str(target), "new")
    assert (target.stat().st_uid, target.stat().st_gid) == (65534, 65534)


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127 + "n", "n" * 80, "n" * 81, "-x", "a b\n"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    leave_behind(target)
    write_text(str(target), "new")
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == [name]


# ---------------------------------------------------------------------- links


def test_the_file_behind_a_link_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    file = tmp_path / "there" / "2020.md"
    file.write_text("old")
    file.chmod(0o604)
    (tmp_path / "there" / "latest.md").symlink_to("2020.md")
    link = tmp_path / "here" / "report.md"
    link.symlink_to("../there/latest.md")

    write_text(str(link), "new")

    assert os.readlink(link) == "../there/latest.md"
    assert file.read_text() == "new"
    assert mode_of(file) == 0o604
    assert not file.is_symlink()


def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "report.md"
    link.symlink_to("2021.md")
    check_writable(str(link))
    write_text(str(link), "new")
    assert link.is_symlink()
    assert (tmp_path / "2021.md").read_text() == "new"


def test_links_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("missing/file")
    (tmp_path / "folder").symlink_to(".")
    assert "loop" in refused(tmp_path / "loop").message
    assert "loop" in refused(tmp_path / "loop" / "file").message
    assert "its folder does not exist" in refused(tmp_path / "gone").message
    assert "it is a folder" in refused(tmp_path / "folder").message


# ------------------------------------------------------- what cannot be written


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("", "no usable file name"),
        ("a\0b", "no usable file name"),
        ("{}", "it is a folder"),
        ("{}/", "it is a folder"),
        ("{}/new/", "it is a folder"),
        ("{}/missing/report.md", "its folder does not exist"),
        ("{}/file/report.md", "its folder is a file"),
        ("{}/" + "n" * 256, "the name is too long"),
        ("/dev/fd/999", "cannot be written"),
    ],
)
@pytest.mark.parametrize("write", [check_writable, lambda target: write_text(target, "new")])
def test_impossible_targets_are_refused_early_and_late(
    tmp_path: Path, target: str, message: str, write: Callable[[str], None]
) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(OutputError, match=message) as caught:
        write(target.format(tmp_path))
    assert caught.value.exit_code == 4
    assert caught.value.hint
    assert os.listdir(tmp_path) == ["file"]


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    check_writable(str(file))
    check_writable(None)
    check_writable("-")
    check_writable("/dev/null")
    assert os.listdir(tmp_path) == []
    file.write_text("old")
    before = (file.stat(), tmp_path.stat())
    check_writable(str(file))
    assert (file.stat(), tmp_path.stat()) == before


@pytest.mark.parametrize("call", ["check_writable(sys.argv[2])", "write_text(sys.argv[2], 'new')"])
def test_a_folder_without_write_permission(public_folder: Path, call: str) -> None:
    target = public_folder / "report.md"
    target.write_text("old")
    target.chmod(0o666)
    public_folder.chmod(0o555)
    done = run(AS_NOBODY + call, str(target))
    assert done.returncode == 4
    assert done.stderr.decode() == (
        f"mpp: error: {target}: cannot be written: no permission to write in its folder\n"
        "hint: mpp writes a new file beside the old one and renames it: "
        "make the folder writable, or choose another place with -o"
        + ("; the file that was there is unchanged\n" if "write_text" in call else "\n")
    )
    assert target.read_text() == "old"


def test_a_folder_that_cannot_be_entered(public_folder: Path) -> None:
    (public_folder / "closed").mkdir(mode=0o600)
    done = run(AS_NOBODY + "write_text(sys.argv[2], 'new')", f"{public_folder}/closed/report.md")
    assert done.returncode == 4
    assert b"no permission" in done.stderr


def test_a_folder_that_can_be_written_but_not_read(public_folder: Path) -> None:
    drop = public_folder / "drop"
    drop.mkdir()
    drop.chmod(0o733)
    done = run(AS_NOBODY + "write_text(sys.argv[2], 'new')", str(drop / "report.md"))
    drop.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (drop / "report.md").read_text() == "new"


def test_a_read_only_file_is_kept(public_folder: Path) -> None:
    public_folder.chmod(0o777)
    target = public_folder / "report.md"
    target.write_text("old")
    target.chmod(0o444)
    done = run(AS_NOBODY + "write_text(sys.argv[2], 'new')", str(target))
    assert done.returncode == 4
    assert b"cannot be written: no permission\n" in done.stderr
    assert target.read_text() == "old"


@only_root
def test_a_read_only_disk(small_disk: Path) -> None:
    (small_disk / "report.md").write_text("old")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "read-only" in refused(small_disk / "report.md").message
    assert "read-only" in refused(small_disk / "new.md").message
    with pytest.raises(OutputError, match="read-only"):
        check_writable(str(small_disk / "report.md"))
    assert (small_disk / "report.md").read_text() == "old"


@only_root
def test_a_file_that_is_a_mount_point(tmp_path: Path, mount: Callable[..., None]) -> None:
    source, target = tmp_path / "source", tmp_path / "report.md"
    source.write_text("old")
    target.touch()
    mount(target, "--bind", str(source))
    assert "mount its folder" in (refused(target).hint or "")
    assert target.read_text() == "old"
    assert temporary_files(tmp_path) == []


# ------------------------------------------------------------------ full disks


@only_root
def test_a_full_disk_keeps_the_last_good_file(small_disk: Path) -> None:
    target = small_disk / "report.md"
    write_text(str(target), "old" * 5_000)
    error = refused(target, "new" * 50_000)
    assert error.message == "cannot be written: no space is left on the device"
    assert "the file that was there is unchanged" in (error.hint or "")
    assert target.read_text() == "old" * 5_000
    assert os.listdir(small_disk) == ["report.md"]
    write_text(str(target), "new" * 5_000)
    assert target.read_text() == "new" * 5_000


@only_root
def test_leftovers_on_a_full_disk_make_room(small_disk: Path) -> None:
    target = small_disk / "report.md"
    leave_behind(target).write_bytes(b"x" * 60_000)
    write_text(str(target), "new" * 10_000)
    assert os.listdir(small_disk) == ["report.md"]


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("old")
    done = run("write_text(sys.argv[2], 'x' * 100_000)", str(target), shell='ulimit -f 10; "$@"')
    assert done.returncode == 4
    assert b"it would be larger than files may be" in done.stderr
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.md"]


@pytest.mark.parametrize("call", ["write", "fchmod", "fsync", "replace"])
def test_a_broken_disk_keeps_the_last_good_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    target = tmp_path / "report.md"
    target.write_text("old")

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, call, broken)
    assert "Input/output error" in refused(target).message
    monkeypatch.undo()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.md"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, OSError, OutputError])
def test_a_fault_while_the_text_is_made_keeps_the_last_good_file(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    target = tmp_path / "cases.csv"
    target.write_text("old")
    with pytest.raises(fault, match="reason"), open_output(str(target)) as stream:  # noqa: PT012
        stream.write(b"x" * 1_000_000)
        raise fault("reason")  # an OSError of reading is not one of writing
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["cases.csv"]


# ------------------------------------------------------------- kills and crowds


def leave_behind(target: Path, token: str = TOKEN) -> Path:
    """Leave the temporary file of a killed run, and return it."""
    left = target.parent / f"{atomic_file.stem(target.name)}{token}{SUFFIX}"
    left.write_text("half of a rep")
    return left


def test_the_next_run_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    leave_behind(target)
    leave_behind(target, "f" * 16)
    write_text(str(target), "new")
    assert os.listdir(tmp_path) == ["report.md"]
    leave_behind(target)
    check_writable(str(target))
    assert os.listdir(tmp_path) == ["report.md"]


def test_a_file_that_another_run_is_writing_is_not_swept(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    with open_output(str(target)) as slow:
        slow.write(b"slow" * 100_000)
        write_text(str(target), "quick")
        check_writable(str(target))
        assert target.read_text() == "quick"
        assert len(temporary_files(tmp_path)) == 1
    assert target.read_text() == "slow" * 100_000
    assert temporary_files(tmp_path) == []


def test_files_of_others_are_not_swept(tmp_path: Path) -> None:
    target = tmp_path / "a"
    kept = {
        leave_behind(tmp_path / "a.b").name,
        leave_behind(tmp_path / "b").name,
        f".a.{SUFFIX}",
        f".a.mine{SUFFIX}",
        f"a.{TOKEN}{SUFFIX}",
        ".a.swp",
    }
    for name in kept:
        (tmp_path / name).touch()
    # Nor are things that are not files, and they do not stop the run.
    os.mkfifo(tmp_path / f".a.{'1' * 16}{SUFFIX}")
    (tmp_path / f".a.{'2' * 16}{SUFFIX}").symlink_to("b")
    (tmp_path / f".a.{'3' * 16}{SUFFIX}").mkdir()
    kept |= {name for name in os.listdir(tmp_path) if name.startswith((".a.1", ".a.2", ".a.3"))}
    write_text(str(target), "new")
    assert set(os.listdir(tmp_path)) == kept | {"a"}


@pytest.mark.parametrize("locks", [None, True], ids=["taken", "swept"])
def test_a_new_file_that_a_sweep_takes_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: bool | None
) -> None:
    """Between creating and locking, a file looks like a leftover to another run."""
    target = tmp_path / "report.md"
    lock = atomic_file.try_lock
    sweeps: list[int] = []

    def sweep_first(descriptor: int) -> bool | None:
        if len(sweeps) < 3:
            (name,) = temporary_files(tmp_path)
            other = os.open(tmp_path / name, os.O_RDWR)
            fcntl.flock(other, fcntl.LOCK_EX)
            sweeps.append(other)
            if locks:  # The sweep is already over, and the name is gone.
                (tmp_path / name).unlink()
                os.close(other)
                return lock(descriptor)
            taken = lock(descriptor)
            (tmp_path / name).unlink()
            return taken
        return lock(descriptor)

    monkeypatch.setattr(atomic_file, "try_lock", sweep_first)
    write_text(str(target), "new")
    assert len(sweeps) == 3
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["report.md"]


CROWD = """
target, start = sys.argv[2], os.pipe()
for number in range(20):
    if os.fork() == 0:
        os.close(start[1])
        os.read(start[0], 1)  # All begin when the other end is closed.
        for _ in range(10):
            write_text(target, f"{number}\\n" * 20_000)
        os._exit(0)
os.close(start[1])
for _ in range(20):
    assert os.wait()[1] == 0
"""


def whole(target: Path) -> bool:
    """Return whether the file is one writer's text from first to last line."""
    lines = target.read_bytes().splitlines()
    return len(lines) == 20_000 and len(set(lines)) == 1


def test_twenty_runs_at_once_and_a_reader(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    write_text(str(target), "old\n" * 20_000)
    leave_behind(target)
    crowd = subprocess.Popen(command(CROWD, str(target)), env={"PYTHONPATH": str(ROOT)})
    reads = 0
    while crowd.poll() is None:
        assert whole(target)
        reads += 1
    assert crowd.returncode == 0
    assert reads > 10
    assert whole(target)
    assert os.listdir(tmp_path) == ["report.md"]


KILLS = """
import random, signal, time
target = sys.argv[2]
left = 0
for number in range(60):
    child = os.fork()
    if child == 0:
        while True:
            write_text(target, f"{number}\\n" * 20_000)
    time.sleep(random.uniform(0.002, 0.03))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    lines = open(target).read().splitlines()
    assert len(lines) == 20_000 and len(set(lines)) == 1, "half a report"
    # Each run sweeps what the one before it left, so there is one at most.
    names = os.listdir(os.path.dirname(target))
    assert len(names) <= 2, names
    left += len(names) - 1
print(left)
"""


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    write_text(str(target), "old\n" * 20_000)
    done = run(KILLS, str(target))
    assert (done.returncode, done.stderr) == (0, b"")
    assert int(done.stdout) > 0  # Some kills did come in the middle.
    write_text(str(target), "new\n" * 20_000)
    assert whole(target)
    assert os.listdir(tmp_path) == ["report.md"]


def test_without_locks_old_leftovers_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: a temporary file of another run that is still new is left alone."""
    monkeypatch.setattr(atomic_file, "fcntl", None)
    target = tmp_path / "report.md"
    new = leave_behind(target)
    old = leave_behind(target, "f" * 16)
    os.utime(old, (time.time() - 100_000,) * 2)
    write_text(str(target), "new")
    assert target.read_text() == "new"
    assert set(os.listdir(tmp_path)) == {"report.md", new.name}
    with pytest.raises(ZeroDivisionError), open_output(str(target)):
        raise ZeroDivisionError
    assert set(os.listdir(tmp_path)) == {"report.md", new.name}


# ------------------------------------------------------------ standard output


@pytest.mark.parametrize("target", ["None", "'-'", "'/dev/stdout'", "'/dev/fd/1'"])
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_full_disk_behind_standard_output(target: str, size: int) -> None:
    done = run(f"write_text({target}, 'x' * {size})", shell='"$@" > /dev/full')
    assert done.returncode == 4
    assert done.stderr.decode() == (
        "mpp: error: standard output: cannot be written: no space is left on the device\n"
        "hint: free some space, or choose another place with -o\n"
    )


def test_a_full_disk_behind_what_was_only_printed() -> None:
    done = run("print('x')", shell='"$@" > /dev/full')
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 2


@only_root
def test_a_full_disk_behind_a_redirection(small_disk: Path) -> None:
    done = run("write_text(None, 'x' * 100_000)", shell=f'"$@" > {small_disk}/report.md')
    assert done.returncode == 4
    assert b"no space is left" in done.stderr


@pytest.mark.parametrize("reader", ["head -1", "true", "head -c 5"])
@pytest.mark.parametrize(
    "code",
    [
        "write_text(None, 'line\\n' * 1_000_000)",
        "write_text('/dev/stdout', 'line\\n' * 1_000_000)",
        "write_text('/dev/fd/3', 'line\\n' * 1_000_000)",
        "print('line\\n' * 1_000_000); write_text('-', 'x')",
        "print('line\\n' * 1_000_000)",
        "import time; print('line'); time.sleep(0.1)",
        "import time; print('line'); time.sleep(0.1); write_text('-', 'x')",
        "import time; time.sleep(0.1); write_text('-', 'x')",
    ],
)
def test_a_reader_that_goes_away_is_silent(reader: str, code: str) -> None:
    done = run(code, shell=f'"$@" 3>&1 | {reader}; exit ${{PIPESTATUS[0]}}')
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_stream_ends_when_its_reader_goes_away() -> None:
    code = (
        "with open_output(None) as stream:\n"
        "    while True: stream.write(b'line\\n')\n"
        "print('unheard'); sys.stderr.write('on')"
    )
    done = run(code, shell='"$@" | head -1; exit ${PIPESTATUS[0]}')
    assert (done.returncode, done.stdout, done.stderr) == (0, b"line\n", b"on")


@pytest.mark.parametrize("call", ["write_text(None, 'x')", "check_writable('-')"])
def test_a_closed_standard_output(call: str) -> None:
    done = run(call, shell='"$@" >&-')
    assert done.returncode == 4
    assert b"standard output: cannot be written: it is closed\n" in done.stderr


@pytest.mark.parametrize("target", ["None", "sys.argv[2]"])
def test_utf8_whatever_the_locale(tmp_path: Path, target: str) -> None:
    done = run(
        f"write_text({target}, '\\u00e9\\u4e2d\\n')",
        str(tmp_path / "sortie-é"),
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        PYTHONIOENCODING="ascii",
    )
    assert (done.returncode, done.stderr) == (0, b"")
    written = (tmp_path / "sortie-é").read_bytes() if target != "None" else done.stdout
    assert written == "é中\n".encode()


def test_what_was_printed_before_comes_before() -> None:
    assert run("print(1); write_text(None, '2\\n'); print(3)").stdout == b"1\n2\n3\n"


def test_a_pipe_that_does_not_wait_is_waited_for() -> None:
    code = "os.set_blocking(1, False); write_text(None, 'x' * 1_000_000)"
    done = run(code, shell='"$@" | (sleep 0.2; wc -c); exit ${PIPESTATUS[0]}')
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"1000000", b"")


def test_standard_output_in_memory(capsys: pytest.CaptureFixture[str]) -> None:
    write_text("-", "é\n")
    assert capsys.readouterr().out == "é\n"


def test_no_home_no_terminal_and_a_read_only_current_folder(tmp_path: Path) -> None:
    code = "check_writable(sys.argv[2]); write_text(sys.argv[2], 'new')"
    done = run(code, str(tmp_path / "report.md"), cwd="/proc", shell='"$@" < /dev/null')
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "report.md").read_text() == "new"


# --------------------------------------------------------- devices, FIFOs, /dev


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/dev/fd/3", "/proc/self/fd/3"])
def test_a_file_behind_a_descriptor_is_appended_to_and_not_replaced(
    tmp_path: Path, target: str
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    inode = log.stat().st_ino
    shell = f'{{ "$@" 3>&1; echo after; }} >> {log}'
    done = run("write_text(sys.argv[2], 'text\\n')", target, shell=shell)
    assert done.stderr == b""
    assert log.read_text() == "before\ntext\nafter\n"
    assert log.stat().st_ino == inode


def test_standard_error_can_be_the_output() -> None:
    done = run("write_text('/dev/stderr', 'text')")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"text")


def test_devices_are_written_and_stay(tmp_path: Path) -> None:
    write_text("/dev/null", "x" * 100_000)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    (tmp_path / "link").symlink_to("/dev/null")
    write_text(str(tmp_path / "link"), "x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    for size in (1, 1_000_000):
        assert "no space" in refused("/dev/full", "x" * size).message
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_fifo_is_written_and_stays(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    check_writable(str(fifo))  # does not wait for a reader
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()
    write_text(str(fifo), "x" * 1_000_000)
    reader.join(timeout=10)
    assert read == [b"x" * 1_000_000]
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    assert os.listdir(tmp_path) == ["fifo"]


def test_a_fifo_whose_reader_goes_away_is_silent(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["head", "-c", "1", str(fifo)], stdout=subprocess.DEVNULL):
        write_text(str(fifo), "x" * 1_000_000)
