"""What the ledger, its signature and encryption together add to the time of a run.

    python benchmarks/trust.py [--recipe finance/credit-default-taiwan] [--times 3] [--strict]

A run is encrypted and signed, in a process of its own and without anything kept from earlier ones. While it runs, the
processor time of the thread is counted in everything that is there for trust alone: encrypting and decrypting files
and caches, digests of files and the lines of the ledger, the hash trees, the heads and their signature, keys, the
folder in memory with its watcher. The whole process counts beside it. Both are of the same run, so a busy machine
changes neither the one nor the other by itself. The real data is found as usual: SARTOR_DATA.

Bound: 5 %. With `--strict` the exit code is 1 where it does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BOUND = 0.05

RUN = """
import json, sys, time
from functools import wraps

import sartor
from sartor.access import door
from sartor.runs import heads, ledger, lines, record, recording, trees
from sartor.sealing import caching, folders, keys, memory, scratch

began, spent, inside = time.process_time(), {}, []


def counted(part, owner, name):
    work = getattr(owner, name)

    @wraps(work)
    def timed(*arguments, **named):
        if inside:
            return work(*arguments, **named)
        inside.append(part)
        start = time.thread_time()
        try:
            return work(*arguments, **named)
        finally:
            inside.pop()
            spent[part] = spent.get(part, 0.0) + time.thread_time() - start

    setattr(owner, name, timed)


# By the names that they are called by.
counted("encryption", folders.Vault, "seal")
counted("encryption", caching, "unseal_into")
counted("encryption", folders, "put")
counted("encryption", scratch, "load_key")
counted("encryption", scratch, "memory_folder")
counted("ledger", recording.Recorder, "digests")
counted("ledger", recording.Recorder, "finish")
counted("ledger", record.trees, "new_trees")
counted("ledger", ledger, "enter_told")
run = sartor.run(sys.argv[1], sets=sys.argv[2:])
run.report()
from sartor.runs.verifying import verify
assert verify(run.folder).untouched
print(json.dumps({"whole": time.process_time(), "began": began, **spent}))
"""


def main() -> int:
    """Measure, print, and hold the bound if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="finance/credit-default-taiwan")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], help="as sartor run takes it")
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()
    shares = []
    for _ in range(asked.times):
        told = _measured(asked.recipe, asked.set)
        own = {part: told[part] for part in ("encryption", "ledger")}
        whole = told["whole"]
        # Against what the run takes without them.
        shares.append(sum(own.values()) / (whole - sum(own.values())))
        parts = ", ".join(f"{part} {1000 * seconds:,.0f} ms" for part, seconds in own.items())
        print(f"{asked.recipe}: {whole:.1f} s of processor time; {parts}: {100 * shares[-1]:.2f} %")
    middle = statistics.median(shares)
    print(f"ledger, signature and encryption add {100 * middle:.2f} %; bound {100 * BOUND:.0f} %")
    return int(asked.strict and middle > BOUND)


def _measured(recipe: str, sets: list[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        from sartor.runs.signing import new_key
        from sartor.sealing.keys import new_key as new_encryption_key

        root = Path(folder)
        new_key(root / "ledger.pem")
        new_encryption_key(root / "run.key")
        (root / "sartor.toml").write_text('signing_key = "ledger.pem"\n')
        text = f"format: 1\nrecipe: try/encrypted\nextends: {recipe}\nprivacy: {{encrypt: {{key: run.key}}}}\n"
        (root / "encrypted.yaml").write_text(text)
        call = [sys.executable, "-W", "ignore", "-c", RUN, "encrypted.yaml", *sets]
        ended = subprocess.run(call, cwd=root, env=dict(os.environ), capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SystemExit(ended.stderr)
        found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
        return found


if __name__ == "__main__":
    sys.exit(main())
