"""The tests' own PostgreSQL server: one that a killed test left running is stopped by the next one that starts."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from servers import IN_USE, PREFIX, binaries, stop_abandoned

STARTS = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from servers import server
with server(Path()) as running:
    print(running.log.parent, flush=True)
    time.sleep(300)
"""


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch):
    """A folder for temporary files that the server's user may enter, other than that of tests that run now."""
    place = Path(tempfile.mkdtemp(prefix="sartor-servers-"))
    place.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_a_server_that_a_killed_test_left_running_is_stopped_and_its_folder_removed(temporary):
    pytest.importorskip("adbc_driver_postgresql", reason="needs adbc_driver_postgresql: pip install 'sartor[sql]'")
    if binaries() is None or not Path("/proc").exists():
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    call = [sys.executable, "-c", STARTS, str(Path(__file__).parent)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, start_new_session=True) as starting:
        home = Path(starting.stdout.readline().strip())
        process = int((home / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0])
        assert stop_abandoned() == [], "its tests still run"
        os.kill(starting.pid, signal.SIGKILL)
    assert Path(f"/proc/{process}").exists(), "nobody has stopped it"

    assert stop_abandoned() == [home]

    assert not Path(f"/proc/{process}").exists()
    assert not home.exists()


def test_folders_of_others_are_left_alone(temporary):
    begun = temporary / f"{PREFIX}begun"
    begun.mkdir()
    other = temporary / f"{PREFIX}other"
    (other / "data").mkdir(parents=True)
    (other / IN_USE).write_bytes(b"")
    (other / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")

    assert stop_abandoned() == [other], "its process is no server of that folder, and lives on"

    assert begun.exists()
    assert not other.exists()
