"""``privacy: {encrypt}`` and ``access``, as JSON Schema."""

from __future__ import annotations

from sartor.access.terms import RIGHTS
from sartor.cli.schema_parts import Schema, keys, names

ENCRYPT: Schema = keys(
    "Encrypts the run's folder and its part of the stage cache at rest (AES-256-GCM).",
    {
        "key": {
            "type": "string",
            "description": "Where the key is: `secret:NAME`, or a key file of the project.",
        }
    },
)
ACCESS: Schema = keys(
    "Which roles may read the runs; a right that is not named is everybody's.",
    {right: names(f"Who may {what}.") for right, what in RIGHTS.items()},
)
ACCESS["examples"] = ["access: {read_scores: [risk], read_person: [care], deliver: [ops]}"]
