"""R001 to R017: the text of a recipe cannot be read."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R000",
        "the recipe cannot be run",
        "The recipe is wrong in a way that has no code of its own. The message says what is wrong and where.",
    ),
    Code(
        "R001",
        "the file is not UTF-8",
        "Recipes are UTF-8, so that a name with an accent is the same name on every machine. The message names the "
        "first byte that is not UTF-8 and its place. Save the file as UTF-8: in most editors it is a choice in the "
        "status line or in 'Save as'.",
    ),
    Code(
        "R002",
        "the file begins with a byte order mark",
        "Some Windows editors put an invisible character (BOM, U+FEFF) before the first one; some YAML readers take "
        "it for a part of the first key. Save the file as 'UTF-8', not as 'UTF-8 with BOM'.",
    ),
    Code(
        "R003",
        "this is not YAML",
        "The text cannot be read as YAML. The usual reasons: a bracket or quote that is not closed, lines that belong "
        "together and begin in different columns, a missing space after a colon, or a text with one of : { } [ ] , & "
        "* # ? | - < > = ! % @ that is not in quotes. What stands after this place has not been checked.",
        wrong="about: Costs: high\nwith: {margin: ${params.margin}}",
        right='about: "Costs: high"\nwith: {margin: "${params.margin}"}',
    ),
    Code(
        "R004",
        "a tab stands where YAML takes spaces only",
        "A tab is two columns wide in one editor and eight in another, so YAML does not indent with it. Write spaces; "
        "most editors can do it for the whole file.",
    ),
    Code(
        "R005",
        "a character that cannot be printed",
        "YAML does not allow control characters in a text: nobody sees them, and they change what is meant. Take the "
        "character out; where it is meant, write its number in double quotes.",
        right='delimiter: "\\u0001"',
    ),
    Code(
        "R006",
        "the file is empty",
        "There is nothing in it but comments, if that. `sartor recipes copy NAME` makes a recipe to begin with.",
        right="format: 1\nrecipe: finance/my-recipe\ningest:\n  loans: {use: tables.csv, with: {path: loans.csv}}",
    ),
    Code(
        "R007",
        "the file is not a mapping",
        "A recipe is made of sections, `key: value`. This file holds a list, a number or a text as a whole.",
        wrong="- use: learn.forest",
        right="models:\n  forest: {use: learn.forest}",
    ),
    Code(
        "R008",
        "more than one document",
        "A line `---` begins another YAML document. One file is one recipe; move the second into a file of its own.",
    ),
    Code(
        "R009",
        "the recipe is too large",
        "A recipe has at most 1,000,000 characters and 100,000 values, nested at most 50 deep; what YAML aliases stand "
        "for counts in full, so that ten lines cannot fill the memory. Keep data in a table and name the table.",
    ),
    Code(
        "R010",
        "an alias that stands for nothing, or for itself",
        "In YAML `*name` repeats the value that was marked `&name` before it. Here nothing is marked so, or the alias "
        "stands inside that very value. A text that begins with * or & belongs in quotes.",
        wrong="path: *sales",
        right='path: "*sales"',
    ),
    Code(
        "R011",
        "tags are not allowed",
        "A tag (`!name`) tells some YAML readers to make an object of a program, even to run code. A recipe holds "
        "texts, numbers, true and false, lists and mappings, and nothing in it can run code. Leave the tag out.",
        wrong="trees: !!int '400'",
        right="trees: 400",
    ),
    Code(
        "R012",
        "a key is written twice",
        "In a mapping a key can have one value. YAML readers keep the first or the last one without a word, so that "
        "what stands in the file is not what runs. Keep one.",
        wrong="seed: 1\nseed: 2",
    ),
    Code(
        "R013",
        "a key that is not a text",
        "Keys are names. A number, true, false, a list or nothing at all cannot be one; a number that is a name goes "
        "into quotes.",
        wrong="units: {2024: EUR}",
        right="units: {'2024': EUR}",
    ),
    Code(
        "R014",
        "a word that not everybody reads alike",
        "YAML 1.1 and 1.2 differ in what a plain word is: `yes` is true or a text, `012` is ten or twelve, `1e-3` a "
        "number or a text, `1:30` ninety or a text. So that a recipe means the same in every tool, these words are "
        "errors: write the number in plain digits, true or false, or the text in quotes. A date stays text and needs "
        "no quotes.",
        wrong="learning_rate: 1e-3\nbad: no\npostcode: 01067",
        right="learning_rate: 0.001\nbad: 'no'\npostcode: '01067'",
    ),
    Code(
        "R015",
        "a key without a value",
        "Nothing stands behind the key, or ~ or null. Nobody can tell whether it was forgotten. Write a value, or "
        "take the line out. In a recipe that extends another, `key: ~` takes an inherited key away.",
        wrong="seed:",
        right="seed: 0",
    ),
    Code(
        "R016",
        "merge keys are not allowed",
        "`<<` merges one mapping into another in YAML 1.1 and is an ordinary key in YAML 1.2. Write the keys out, or "
        "let one recipe extend another.",
        wrong="models:\n  small: &small {use: learn.forest}\n  large: {<<: *small, with: {trees: 900}}",
    ),
    Code(
        "R017",
        "the file cannot be read",
        "There is no such file, it is a folder, or you may not read it. A path is taken from the folder in which "
        "the command is called.",
    ),
)
