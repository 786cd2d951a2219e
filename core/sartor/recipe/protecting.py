"""``privacy: {encrypt}`` and ``access``: what a run is encrypted with, and who may read it."""

from __future__ import annotations

from sartor.access.terms import RIGHTS, Access
from sartor.recipe.document import Mapping, Scalar
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.secret import Secret

ENCRYPT_KEYS = ("key",)
_MEND_KEY: Hint = ("to mend", "write encrypt: {key: secret:NAME}, or encrypt: {key: FILE} for a file of the project")
_MEND_ACCESS: Hint = ("to mend", "write access: {read_person: [ROLE], deliver: [ROLE]}")


def parse_encrypt(root: Fields) -> str | None:
    """Return what the run is encrypted with: ``secret:NAME``, or the name of a key file; None where it is not."""
    if not isinstance(root.node.entries.get("privacy"), Mapping):
        return None
    privacy = root.inner("privacy")
    fields = privacy.inner("encrypt", _MEND_KEY) if privacy is not None else None
    if fields is None:
        return None
    fields.refuse_unknown(ENCRYPT_KEYS, "encrypt")
    if "key" not in fields:
        fields.report("R061", "encrypt does not say with which key", fields.where, _MEND_KEY)
        return None
    node = fields.take("key")
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, Secret) or (isinstance(value, str) and value.strip()):
        return str(value)
    if node is not None:
        fields.report("R062", "key must name a secret or a file", node.where, _MEND_KEY)
    return None


def parse_access(root: Fields) -> Access:
    """Return who may read a run."""
    fields = root.inner("access", _MEND_ACCESS)
    if fields is None:
        return Access()
    fields.refuse_unknown(RIGHTS, "access")
    found = {right: fields.names(right, or_one=True) for right in RIGHTS if right in fields}
    return Access(found)
