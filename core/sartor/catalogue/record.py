"""D150 to D154, U060 to U065: recorded runs, and the names by which they are called."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D150",
        "a recorded file is not as it was recorded",
        "Every file of a run stands in its ledger with its SHA-256. One of them is missing or has changed, or the "
        "ledger itself is damaged; what it says is not used. `sartor verify RUN` names every such part. Take the "
        "folder from a copy that is untouched, or run the recipe again: `sartor runs repro RUN`.",
        right="sartor verify @last",
    ),
    Code(
        "D151",
        "a saved model answers otherwise than it did",
        "A model is saved with made-up rows and its own answers to them, and asked again whenever it is loaded. Its "
        "files are untouched, so something that it uses has changed: a library, or the code of its plugin. Use the "
        "versions that it was fitted with, which stand in record.json, or run the recipe again.",
    ),
    Code(
        "D152",
        "a run was recorded by another version of sartor",
        "Records, ledgers and models name their format, and this version of sartor reads format 1. Use the version "
        "that wrote the run; record.json names it.",
    ),
    Code(
        "D153",
        "a file holds no head of a ledger",
        "The head of a run's ledger is a JSON object with the run's name, how many lines its ledger has and the hash "
        "of the last one. `sartor ledger head RUN --to FILE` writes one, to be kept where the project's owners cannot "
        "change it.",
        right="sartor ledger head @last --to head.json\nsartor verify @last --head head.json",
    ),
    Code(
        "D154",
        "a file holds no proof",
        "A proof is what `sartor ledger prove` has written: an entry, the hashes that lead from it to the root of its "
        "tree, and the head that names the root. The file is no such JSON object, or a part of it is missing.",
        right="sartor ledger prove @last --decision 17 --to proof.json\n"
        "sartor ledger check proof.json --head head.json",
    ),
    Code(
        "U060",
        "no run has this name",
        "A run is called by its name as `sartor run --json` and `sartor runs list` print it, by recipe and name, by "
        "the path of its folder, or by @last and @prev: the run recorded last, and the one of the same recipe before "
        "it. RECIPE/@last is the last one of a recipe.",
        right="sartor runs show 1124-1405-k7\nsartor runs diff @prev @last",
    ),
    Code(
        "U061",
        "several runs have this name",
        "Runs of two recipes can have one name when they began in the same minute, or when folders were copied in from "
        "another project. Say the recipe too.",
        right="sartor verify finance/credit-scoring/1124-1405-k7",
    ),
    Code(
        "U062",
        "no run is recorded yet",
        "Runs are recorded in the project's folder `runs`, or where `runs` in sartor.toml says. The folder in which "
        "sartor is called decides which project that is.",
    ),
    Code(
        "U063",
        "the folder is no run",
        "The folder that is named holds neither a ledger nor a record. A run's folder is `runs/RECIPE/RUN`.",
    ),
    Code(
        "U064",
        "the run has no such model",
        "The models of a run are those of its recipe. Trivial answers, such as the base rate, are not kept.",
    ),
    Code(
        "U065",
        "an old run cannot be removed",
        "A folder or a file in it belongs to somebody else, or the disk may not be written. Everything else that was "
        "to be removed is gone; call `sartor runs gc` again when the folder may be written.",
    ),
    Code(
        "U066",
        "the signing key cannot be used",
        "A project whose sartor.toml names a `signing_key` signs the head of every run's ledger with it, so the key is "
        "looked at before a run begins. It is an Ed25519 key without a password in a PEM file, or `secret:NAME` for "
        "one that stands in an environment variable. `sartor ledger key FILE` makes a pair; give FILE.pub to those "
        "who shall check, and keep FILE where only the project may read it.",
        right='# sartor.toml\nsigning_key = "keys/ledger.pem"',
    ),
    Code(
        "U067",
        "nothing of this name can be proven",
        "Proofs are made of one decision, by the key of its row, or of one file of the run's folder, by its name "
        "there. The run has none of this name, or it was recorded before there were proofs.",
        right="sartor ledger prove @last --decision 17 --to proof.json\n"
        "sartor ledger prove @last --file metrics.json --to proof.json",
    ),
    Code(
        "U068",
        "a head cannot be anchored",
        "An anchor is a place outside the project that keeps heads of ledgers, such as a file on another disk or the "
        "tags of a Git repository. The place that is named is not there, cannot be written, or holds the same head "
        "already under another content.",
        right="sartor ledger anchor @last --in file:/mnt/audit/heads.jsonl\nsartor ledger anchor @last --in git-tag:.",
    ),
)
