"""U120, U121, U123, U124, D155, P040, P041, P043, P044: encrypted runs, and who may read them."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D155",
        "an encrypted run is not what was written",
        "Every chunk of an encrypted file is authenticated, with its place, its file's name and its run. One that was "
        "changed, cut off, moved or put in another's place does not open, and nothing of it is used. `sartor verify "
        "RUN` needs no key and says which files are not as they were recorded.",
    ),
    Code(
        "U120",
        "there is nothing to encrypt with",
        "Encryption is done by the package cryptography, which the extra `trust` brings.",
        right="pip install 'sartor[trust]'",
    ),
    Code(
        "U121",
        "an encryption key cannot be written",
        "`sartor keys new FILE` writes a new key to a file that is not there yet, and `sartor keys rotate` writes the "
        "keys of runs anew; a key is never written over. Rotation that was broken off goes on where it ended.",
        right="sartor keys new run.key",
    ),
    Code(
        "U123",
        "there is no memory for plain files",
        "An encrypted run and its readers hold plain files on a memory file system only (tmpfs), and never on a disk. "
        "There is none here, or it has no room. The environment variable SARTOR_MEMORY_FOLDER names a folder on one.",
        right="SARTOR_MEMORY_FOLDER=/dev/shm sartor run RECIPE",
    ),
    Code(
        "U124",
        "what is encrypted cannot be shown",
        "The report of an encrypted run is encrypted in its folder, where no browser can read it. `--to FILE` writes "
        "it where you say, and there it is plain.",
        right="sartor report @last --to page.html --open",
    ),
    Code(
        "P040",
        "a role is needed",
        "The recipe says which roles may read what of its runs. A caller's roles follow from the user and the groups "
        "of the operating system: sartor.toml names the members of a role, and a role that it does not name is the "
        "group of that name. The refusal stands in the access log.",
        right="access: {read_scores: [risk], read_person: [care], deliver: [ops]}",
    ),
    Code(
        "P041",
        "the access log cannot be written",
        "A run with `access` or `encrypt` is read by nobody whom the access log does not name, so nothing is read "
        "where the log cannot be written, as on a read-only disk.",
    ),
    Code(
        "P043",
        "an encryption key is missing, or is none",
        "A key is 32 random bytes, written in Base64 or as 64 hexadecimal digits, in a file or in the environment "
        "variable that `secret:NAME` names. A password is no key: it can be guessed. `sartor keys new FILE` makes a "
        "key. Who loses it has lost what it encrypts; nothing else opens it.",
        right="privacy: {encrypt: {key: secret:RUN_KEY}}",
    ),
    Code(
        "P044",
        "the run is encrypted with another key",
        "Keys are told apart by an id, which tells nothing of the key. The run names the id of the key that opens it; "
        "none of those at hand has it: that of the secret or file that the run names, and those that sartor.toml "
        "lists as `encryption_keys`. While keys are rotated both stand there.",
        right='# sartor.toml\nencryption_keys = ["secret:OLD_KEY", "secret:NEW_KEY"]',
    ),
)
