"""References are looked up, never evaluated."""

import pytest
from telling import RIGHT

from sartor.errors import UsageError
from sartor.recipe import Secret

THERE_ARE = (
    " | there are: ${params.NAME}, ${env.NAME}, ${env.NAME:-default} and ${data}; nothing in a recipe is run as code"
)


def with_settings(settings, params=""):
    text = RIGHT.replace("with: {trees: 400}", f"with: {{{settings}}}")
    return text + (f"params: {{{params}}}\n" if params else "")


def forest(values):
    return values["models"]["forest"]["with"]


@pytest.mark.parametrize(
    ("param", "value"),
    [("400", 400), ("0.5", 0.5), ("true", True), ("[1, a]", [1, "a"]), ("{a: 1}", {"a": 1}), ("'4'", "4")],
)
def test_a_reference_that_is_the_whole_value_keeps_its_type(resolved, param, value):
    found = forest(resolved(with_settings('trees: "${params.trees}"', f"trees: {param}")))
    assert found == {"trees": value}
    assert type(found["trees"]) is type(value)


def test_inside_a_longer_text_a_reference_is_written_out(resolved):
    text = with_settings(
        'a: "${params.count} of ${params.share}, ${params.sure}, ${data}/x"', "count: 3, share: 0.5, sure: true"
    )
    assert forest(resolved(text)) == {"a": "3 of 0.5, true, /data/x"}


def test_params_may_stand_for_other_params(resolved):
    text = with_settings('a: "${params.low}"', 'low: "${params.base}", base: 3, path: "${data}/${params.base}.csv"')
    values = resolved(text)
    assert forest(values) == {"a": 3}
    assert values["params"] == {"low": 3, "base": 3, "path": "/data/3.csv"}


def test_environment_variables_are_read_like_plain_words_and_may_have_a_default(resolved):
    text = with_settings(
        'a: "${env.TREES}", b: "${env.NONE:-12}", c: "${env.NONE:-}", d: "x${env.NONE:-y}", e: "${env.ID}"'
    )
    found = forest(resolved(text, env={"TREES": "400", "ID": "007"}))
    assert found == {"a": 400, "b": 12, "c": "", "d": "xy", "e": "007"}


def test_two_dollars_stand_for_one(resolved):
    text = with_settings("a: 'costs $${x}', b: '^foo$$(bar)', c: '5 $', d: '$HOME', e: '$$'")
    assert forest(resolved(text)) == {"a": "costs ${x}", "b": "^foo$(bar)", "c": "5 $", "d": "$HOME", "e": "$$"}


def test_a_secret_stays_a_name_until_it_is_used(resolved):
    found = forest(
        resolved(with_settings("password: secret:SHOP_PASSWORD, same: '${params.p}'", "p: secret:SHOP_PASSWORD"))
    )
    assert found == {"password": Secret("SHOP_PASSWORD"), "same": Secret("SHOP_PASSWORD")}
    assert repr(found["password"]) == str(found["password"]) == "secret:SHOP_PASSWORD"
    assert found["password"].reveal({"SHOP_PASSWORD": "open sesame"}) == "open sesame"
    with pytest.raises(UsageError, match=r"the secret SHOP_PASSWORD is not set  U006\n  to mend: set the environment"):
        found["password"].reveal({})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('a: "${params.margn}"', "8:41 R054 no param is called 'margn' | did you mean: margin"),
        (
            'a: "${env.NOPE}"',
            (
                "8:41 R055 the environment variable NOPE is not set"
                " | to mend: set it, or give a default: ${env.NOPE:-value}"
            ),
        ),
        (
            'a: "${env.HOMES}"',
            (
                "8:41 R055 the environment variable HOMES is not set | did you mean: HOME"
                " | to mend: set it, or give a default: ${env.HOMES:-value}"
            ),
        ),
        ("a: \"x ${__import__('os')}\"", "8:43 R057 '${__import__('os')}' is not a reference" + THERE_ARE),
        ('a: "${params.margin.__class__}"', "8:41 R057 '${params.margin.__class__}' is not a reference" + THERE_ARE),
        ('a: "${1 + 1}"', "8:41 R057 '${1 + 1}' is not a reference" + THERE_ARE),
        ('a: "${data.x}"', "8:41 R057 '${data.x}' is not a reference" + THERE_ARE),
        ('a: "${}"', "8:41 R057 '${}' is not a reference" + THERE_ARE),
        ('a: "${margin}"', "8:41 R057 '${margin}' is not a reference | did you mean: ${params.margin}" + THERE_ARE),
        (
            'a: "${parms.margin}"',
            "8:41 R057 '${parms.margin}' is not a reference | did you mean: ${params.margin}" + THERE_ARE,
        ),
        (
            'a: "${ params.margin }"',
            "8:41 R057 '${ params.margin }' is not a reference | did you mean: ${params.margin}" + THERE_ARE,
        ),
        ('a: "${params.margin"', "8:41 R057 '${params.margin' is never closed | to mend: write '}' after the name"),
        (
            'a: "${env.A:-${params.margin}}"',
            "8:41 R057 '${env.A:-${params.margin}' holds a reference inside a reference" + THERE_ARE,
        ),
        ("a: '$(rm -r x)'", "8:41 R057 '$(' runs nothing here" + THERE_ARE + " | to mend: a text that holds it: $$("),
        ('a: "x${params.list}"', "8:42 R057 '${params.list}' is a list and cannot stand inside a longer text"),
        (
            "a: secret:my key",
            (
                "8:40 R058 'secret:my key' does not name a secret"
                " | to mend: write secret:NAME; NAME is an environment variable of letters, digits and _"
            ),
        ),
        (
            'a: "https://me:secret:PASSWORD@host"',
            (
                "8:52 R058 'secret:PASSWORD' stands inside a longer text, which would show the secret"
                " | to mend: give the secret to a setting of its own: secret:PASSWORD"
            ),
        ),
        ('a: "x${params.key}"', "8:42 R058 '${params.key}' is a secret and cannot stand inside a longer text"),
    ],
)
def test_a_reference_that_is_wrong_says_so_at_its_place(told, settings, expected):
    text = with_settings(settings, "margin: 0.12, list: [1, 2], key: secret:KEY")
    assert told(text, env={"HOME": "/home"}) == [expected]


def test_params_that_stand_for_each_other_are_an_error_with_the_circle(told):
    text = with_settings('a: "${params.b}"', 'b: "${params.c}", c: "x${params.d}", d: "${params.b}"')
    assert told(text) == ["9:51 R056 params stand for each other in a circle: b -> c -> d -> b"]


def test_a_chain_of_params_without_end_is_refused(told):
    params = ", ".join(f'p{number}: "${{params.p{number + 1}}}"' for number in range(500))
    assert "R056 more than 50 params stand for each other" in told(with_settings("a: 1", params + ", p500: 1"))[0]


def test_params_that_repeat_each_other_cannot_fill_the_memory(told):
    params = ", ".join(f'p{number}: "{f"${{params.p{number + 1}}}" * 10}"' for number in range(10))
    found = told(with_settings('a: "${params.p0}"', params + ", p10: 0123456789a"))
    assert [line.split(" ", 1)[1] for line in found] == [
        "R009 references make a text of more than 2,000,000 characters"
    ]
    lists = ", ".join(
        f"p{n}: [{', '.join([chr(34) + '${params.p' + str(n + 1) + '}' + chr(34)] * 10)}]" for n in range(10)
    )
    found = told(with_settings("a: 1", lists + ", p10: 1"))
    assert [line.split(" ", 1)[1] for line in found] == ["R009 param 'p5' holds too many values"]


def test_a_value_that_a_param_gives_is_pointed_at_where_it_is_referred_to(told):
    text = RIGHT.replace("{hash: 0.3}", '{hash: "${params.share}"}') + "params: {share: 30}\n"
    assert told(text) == [
        "6:15 R068 the share of test rows must lie strictly between 0 and 1, got 30 | to mend: write 0.3; 30 % is 0.3"
    ]
