"""What others keep of a run, a head or a public key, shows what its owners have done since."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from sartor.errors import InputError, UsageError
from sartor.recipe.project import Project, ProjectSettings
from sartor.runs.heads import HEADS, last_head, place_of
from sartor.runs.ledger import LEDGER, enter, read
from sartor.runs.signing import check_key, new_key, public_key, signed_by
from sartor.runs.verifying import verify
from sartor.runs.vouching import Vouched, read_head

pytestmark = pytest.mark.needs("cryptography")


def head_of(folder: Path) -> dict:
    lines, _ = read((folder / LEDGER).read_bytes())
    found = last_head(place_of(folder, lines))
    assert found is not None
    return found


def told(folder: Path, **vouched) -> list[str]:
    return [str(finding) for finding in verify(folder, vouched=Vouched(**vouched)).findings]


@pytest.fixture
def signing(recorded, tmp_path):
    """The project, which signs from now on; the next thing that is entered is signed."""
    new_key(tmp_path / "ledger.pem")
    (recorded.project.root / "sartor.toml").write_text(f'signing_key = "{tmp_path / "ledger.pem"}"\n')
    note = recorded.first / "note.txt"
    note.write_text("read and agreed")
    enter(recorded.first, note, by="hand")
    return recorded


class TestAHeadThatWasGivenAway:
    def test_vouches_for_the_run_it_is_of(self, recorded):
        assert told(recorded.first, heads=[head_of(recorded.first)]) == []

    def test_still_vouches_when_something_was_entered_behind_it(self, recorded):
        given = head_of(recorded.first)
        (recorded.first / "note.txt").write_text("read and agreed")
        enter(recorded.first, recorded.first / "note.txt", by="hand")
        assert told(recorded.first, heads=[given]) == []

    def test_shows_a_run_that_was_recorded_anew_with_all_its_hashes(self, recorded):
        given = head_of(recorded.first)
        kept = recorded.project.runs / HEADS
        other = head_of(recorded.folders["deeper"])
        # The owner puts another run in its place, names and head and all.
        for file in recorded.first.rglob("*"):
            if file.is_file():
                file.unlink()
        text = (recorded.folders["deeper"] / LEDGER).read_text().replace(other["run"], given["run"])
        entries = []
        for raw in text.splitlines():
            said = json.loads(raw)
            entries.append({k: v for k, v in said.items() if k not in ("line", "previous", "hash")})
        from sartor.runs.ledger import chained

        lines = list(chained(entries))
        (recorded.first / LEDGER).write_text("".join(f"{line}\n" for line, _ in lines))
        with kept.open("a") as log:
            log.write(json.dumps({**given, "head": lines[-1][1], "lines": len(lines)}) + "\n")
        faults = told(recorded.first, heads=[given])
        assert faults[0] == f"{LEDGER}: changed: line {given['lines']} is not the one that was given away"

    def test_shows_an_end_that_was_cut_off_together_with_the_projects_own_head(self, recorded):
        before = head_of(recorded.first)
        (recorded.first / "note.txt").write_text("refused")
        enter(recorded.first, recorded.first / "note.txt", by="hand")
        given = head_of(recorded.first)
        (recorded.first / "note.txt").unlink()
        ledger = recorded.first / LEDGER
        ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-1]))
        with (recorded.project.runs / HEADS).open("a") as log:
            log.write(json.dumps(before) + "\n")
        assert told(recorded.first) == []
        assert told(recorded.first, heads=[given]) == [
            f"{LEDGER}: missing: the last 1 line is gone, as the head that was given away tells"
        ]

    def test_of_another_run_vouches_for_nothing(self, recorded):
        given = head_of(recorded.folders["deeper"])
        assert told(recorded.first, heads=[given]) == [
            f"{LEDGER}: changed: the head that was given away is of shop/win/{given['run']}"
        ]

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"recipe": "a", "run": "b", "head": "c", "lines": 0}'])
    def test_that_is_none_is_said_to_be_none(self, tmp_path, text):
        file = tmp_path / "head.json"
        file.write_text(text)
        with pytest.raises(InputError, match=r"head.json holds no head of a ledger  D153"):
            read_head(file)

    def test_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"head.json cannot be read: no such file or directory  D153"):
            read_head(tmp_path / "head.json")


class TestASignature:
    def test_is_of_the_key_that_the_project_names(self, signing, tmp_path):
        assert signed_by(head_of(signing.first)) == public_key(tmp_path / "ledger.pem.pub")
        assert told(signing.first, key=public_key(tmp_path / "ledger.pem.pub")) == []

    def test_of_another_key_is_named_with_it(self, signing, tmp_path):
        new_key(tmp_path / "other.pem")
        own = public_key(tmp_path / "ledger.pem")
        assert told(signing.first, key=public_key(tmp_path / "other.pem")) == [
            f"{LEDGER}: changed: the head in {HEADS} of the project is signed with another key: {own}"
        ]

    def test_is_of_every_part_of_the_head(self, signing):
        said = head_of(signing.first)
        for part in ("at", "lines", "head", "by", "trees", "run", "recipe"):
            with pytest.raises(ValueError, match="its signature is not one of what it says"):
                signed_by({**said, part: "another"})

    def test_that_is_wrong_is_found_even_by_who_has_no_key(self, signing):
        kept = signing.project.runs / HEADS
        said = head_of(signing.first)
        with kept.open("a") as log:
            log.write(json.dumps({**said, "by": "another"}) + "\n")
        assert told(signing.first) == [
            f"{LEDGER}: changed: the head in {HEADS} of the project: its signature is not one of what it says"
        ]

    def test_every_changed_byte_of_the_kept_head_is_found(self, signing, tmp_path):
        heads = signing.project.runs / HEADS
        whole = heads.read_bytes()
        begin = whole.rstrip(b"\n").rfind(b"\n") + 1
        key = public_key(tmp_path / "ledger.pem.pub")
        for place in range(begin, len(whole), 7):
            # 0x29 makes a tab of a space, which a reader of JSON does not mind.
            for change in (1, 0x29):
                heads.write_bytes(whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :])
                assert told(signing.first, key=key), (place, change)

    def test_in_another_text_of_the_same_bytes_is_not_the_one_that_was_written(self, signing):
        head = head_of(signing.first)
        text = head["signature"]
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        # Of the last letter before == two bits count.
        other = letters[letters.index(text[-3]) ^ 1]
        with pytest.raises(ValueError, match="its signature is not one of what it says"):
            signed_by({**head, "signature": f"{text[:-3]}{other}=="})

    def test_that_is_not_there_is_asked_for_by_who_has_a_key(self, recorded, tmp_path):
        new_key(tmp_path / "ledger.pem")
        assert told(recorded.first, key=public_key(tmp_path / "ledger.pem")) == [
            f"{LEDGER}: missing: the head in {HEADS} of the project is not signed"
        ]

    def test_can_come_from_a_key_in_an_environment_variable(self, recorded, tmp_path, monkeypatch):
        new_key(tmp_path / "ledger.pem")
        monkeypatch.setenv("LEDGER_KEY", (tmp_path / "ledger.pem").read_text())
        (recorded.project.root / "sartor.toml").write_text('signing_key = "secret:LEDGER_KEY"\n')
        (recorded.first / "note.txt").write_text("read and agreed")
        enter(recorded.first, recorded.first / "note.txt", by="hand")
        assert signed_by(head_of(recorded.first)) == public_key(tmp_path / "ledger.pem")


class TestAKey:
    def test_is_one_that_only_its_owner_may_read(self, tmp_path):
        assert new_key(tmp_path / "ledger.pem") == tmp_path / "ledger.pem.pub"
        assert stat.S_IMODE((tmp_path / "ledger.pem").stat().st_mode) == 0o600
        assert public_key(tmp_path / "ledger.pem") == public_key(tmp_path / "ledger.pem.pub")

    def test_is_never_written_over(self, tmp_path):
        new_key(tmp_path / "ledger.pem")
        with pytest.raises(UsageError, match=r"ledger.pem is already there, and a key is never written over  U066"):
            new_key(tmp_path / "ledger.pem")

    @pytest.mark.parametrize(
        ("named", "content", "why"),
        [
            ("gone.pem", None, "gone.pem cannot be read: no such file or directory"),
            ("key.pem", "no key", "key.pem holds no private key"),
            ("key.pem", "rsa", "key.pem holds no Ed25519 key"),
            ("key.pem", "locked", "key.pem is locked with a password, and a run cannot ask for it"),
        ],
    )
    def test_that_cannot_sign_is_told_before_a_run(self, tmp_path, named, content, why):
        if content is not None:
            (tmp_path / named).write_bytes(_content(content))
        project = Project(tmp_path, ProjectSettings(signing_key=named))
        with pytest.raises(UsageError, match=f"the signing key cannot be used: .*{why}  U066"):
            check_key(project)

    def test_whose_secret_is_not_set_is_told_before_a_run(self, tmp_path, monkeypatch):
        monkeypatch.delenv("LEDGER_KEY", raising=False)
        with pytest.raises(UsageError, match=r"the secret LEDGER_KEY is not set  U006"):
            check_key(Project(tmp_path, ProjectSettings(signing_key="secret:LEDGER_KEY")))


def _content(kind: str) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    if kind == "no key":
        return b"no key"
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    lock = forms.BestAvailableEncryption(b"tailor") if kind == "locked" else forms.NoEncryption()
    return key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock)
