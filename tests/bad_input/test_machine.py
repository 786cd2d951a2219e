"""What the machine cannot do is no fault of a plugin's: full disks, memory that ran out, folders that are not ours."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bad_recipes import RIGHT, stumbling
from conftest import left_behind, told

from sartor.cli import main
from sartor.runs.cache import Cache

MORE_ROOM = "to mend: make room, or name other folders: runs and spill in sartor.toml, TMPDIR"
LESS_MEMORY = 'to mend: give tables less room, memory = "2 GB" in sartor.toml, or use fewer threads: --threads 1'
OURS = "to mend: let sartor write there, or name another folder: runs in sartor.toml"
STEPS = [
    ("TABLE", "columns", "ingest.people"),
    ("TABLE", "read", "ingest.people"),
    ("MODEL", "save", "models.half"),
    ("ACTION", "decide", "actions.yes_to_all"),
]


@pytest.mark.parametrize(("place", "verb", "step"), STEPS)
def test_a_full_disk_is_said_to_be_full_whichever_verb_meets_it(stumbler, refused, place, verb, step):
    assert refused(stumbling(**{place: f"at: {verb}, how: full"}), code=2) == [
        f"no space left on device (/mnt/models/trees.bin), in {verb} of {step} U043",
        MORE_ROOM,
    ]


@pytest.mark.parametrize(("place", "verb", "step"), [*STEPS, ("MODEL", "fit", "models.half")])
def test_memory_that_ran_out_is_said_to_have_run_out(stumbler, refused, place, verb, step):
    assert refused(stumbling(**{place: f"at: {verb}, how: memory"}), code=2) == [
        f"memory ran out, in {verb} of {step}: Unable to allocate 30.0 GiB for an array U045",
        LESS_MEMORY,
    ]


def test_a_step_of_prepare_that_meets_a_full_disk_is_not_blamed_either(stumbler, refused):
    first, *_ = refused(stumbling(STEP="at: transform, how: full"), code=2)
    assert first.startswith("no space left on device (/mnt/models/trees.bin), in ")
    assert first.endswith(" of models.half U043")


def test_a_file_of_its_own_that_a_plugin_may_not_read_is_the_plugins_failure(stumbler, refused):
    first, *_ = refused(stumbling(MODEL="at: fit, how: forbidden"), code=4)
    assert first == (
        "recipe.yaml:10:15 stumbler/all: step models.half: 'stumbler.learner' failed in fit: "
        "PermissionError: [Errno 13] Permission denied: '/etc/licence.key' X020"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_disk_that_fills_up_while_a_table_is_stored_is_not_blamed_on_its_reader(written, refused, monkeypatch):
    monkeypatch.setattr("sartor.stages.admitting.TABLE", "/dev/full")

    assert refused(RIGHT, code=2) == ["no space left on device, in read of ingest.loans U043", MORE_ROOM]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from sartor.cli import main
sys.exit(main(["run", "recipe.yaml", "--quiet"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of files there")
@pytest.mark.parametrize("limit", [0, 700, 3_000])
def test_wherever_files_can_grow_no_more_a_run_ends_with_the_reason_and_leaves_nothing(written, limit):
    """The system says the file is too large, whoever writes it: Python, Arrow or the table engine."""
    (written / "recipe.yaml").write_text(RIGHT, encoding="utf-8")
    call = [sys.executable, "-c", LIMITED, str(limit)]
    ended = subprocess.run(call, cwd=written, capture_output=True, text=True, timeout=100, check=False)
    said = told(ended.stderr)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert "file too large" in said[0]
    # Where not even the first file can be begun, the folder of runs is named.
    assert said[0].endswith("U043" if limit else "U020")
    assert left_behind(written) == []


FULL = """
mount -t tmpfs -o size=24k none runs && "$0" -m sartor.cli run recipe.yaml --quiet
echo "$? $(ls -A runs)"
mount -o remount,size=64m runs && "$0" -m sartor.cli run recipe.yaml --quiet > said
echo "$? $(find runs -name summary.json -not -path '*/.cache/*' | wc -l)"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small disk in memory")
def test_a_run_on_a_disk_that_is_full_leaves_nothing_and_goes_on_once_there_is_room(written):
    needs_name_space()
    (written / "recipe.yaml").write_text(RIGHT, encoding="utf-8")
    (written / "runs").mkdir()
    call = ["unshare", "-rm", "sh", "-c", FULL, sys.executable]
    ended = subprocess.run(call, cwd=written, capture_output=True, text=True, timeout=200, check=False)
    assert told(ended.stderr)[0].startswith("no space left on device"), ended.stderr
    assert ended.stdout.splitlines() == ["2 .cache", "0 1"], "no half-written run; then one whole run"


@pytest.mark.parametrize("stage", ["ingest", "features", "fit"])
def test_a_disk_that_became_read_only_is_named_whichever_stage_meets_it(written, refused, monkeypatch, stage):
    make = Cache.make

    def fixed(self, its_stage, *arguments, **named):
        if its_stage == stage:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self.folder / "parts" / "7f3a"))
        return make(self, its_stage, *arguments, **named)

    monkeypatch.setattr(Cache, "make", fixed)

    assert refused(RIGHT) == ["runs/.cache/parts/7f3a cannot be written: read-only file system U043", OURS]


def needs_name_space():
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("needs a name space of its own to mount a disk in")


READ_ONLY = (
    'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$0" -m sartor.cli run recipe.yaml --quiet'
)


def test_a_project_on_a_read_only_disk_is_named(written):
    needs_name_space()
    (written / "recipe.yaml").write_text(RIGHT, encoding="utf-8")
    call = ["unshare", "-rm", "sh", "-c", READ_ONLY, sys.executable]
    ended = subprocess.run(call, cwd=written, capture_output=True, text=True, timeout=100, check=False)
    said = told(ended.stderr)
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    assert said[0] == f"the run cannot be recorded in {written / 'runs'}: read-only file system U020"
    assert not (written / "runs").exists()


@pytest.mark.parametrize("stage", ["ingest", "features", "fit"])
def test_a_cache_that_cannot_be_written_is_named_whichever_stage_meets_it(written, refused, monkeypatch, stage):
    make = Cache.make

    def forbidden(self, its_stage, *arguments, **named):
        if its_stage == stage:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.folder / "parts" / "7f3a"))
        return make(self, its_stage, *arguments, **named)

    monkeypatch.setattr(Cache, "make", forbidden)

    assert refused(RIGHT, code=2) == ["runs/.cache/parts/7f3a cannot be written: permission denied U043", OURS]


def test_a_cache_whose_place_is_taken_by_a_file_is_named(written, capsys):
    (written / "recipe.yaml").write_text(RIGHT, encoding="utf-8")
    (written / "runs").mkdir()
    (written / "runs" / ".cache").write_text("", encoding="utf-8")

    assert main(["run", "recipe.yaml", "--quiet"]) == 2

    said = capsys.readouterr().err
    assert said.startswith("runs/.cache/")
    assert " cannot be written: not a directory" in said
    assert [path.name for path in (written / "runs").iterdir()] == [".cache"]


@pytest.mark.parametrize("folder", ["runs", "runs/.cache"])
def test_a_folder_that_may_not_be_written_is_named(written, capsys, folder):
    (written / "recipe.yaml").write_text(RIGHT, encoding="utf-8")
    (written / folder).mkdir(parents=True)
    (written / folder).chmod(0o500)
    if os.access(written / folder, os.W_OK):
        pytest.skip("needs a user who may not write everywhere")
    try:
        assert main(["run", "recipe.yaml", "--quiet"]) == 2
    finally:
        (written / folder).chmod(0o700)
    said = capsys.readouterr().err
    assert "permission denied" in said
    assert "tables.csv" not in said
