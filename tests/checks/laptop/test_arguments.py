import pytest

from checks import rules
from checks.laptop.arguments import parser
from trusted_releases import VERSION


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "trusted-check: which folder?"),
        (["a", "b"], "unrecognized arguments: b."),
        (["a", "--jsn"], "unrecognized arguments: --jsn."),
        (["a", "--json", "--sarif"], "not allowed with argument --json"),
        (["a", "--policy", "p", "--from", "https://x/"], "not allowed with argument --policy"),
        (["a", "--fail-on", "note"], "invalid choice: 'note'"),
    ],
)
def test_wrong_arguments_are_a_sentence_and_a_way_out(capsys, arguments, said):
    with pytest.raises(SystemExit) as left:
        parser().parse_args(arguments)
    err = capsys.readouterr().err
    assert left.value.code == 2
    assert said in err
    assert err.endswith("Try trusted-check --help.\n")


def test_the_version_says_how_many_rules_there_are(capsys):
    with pytest.raises(SystemExit) as left:
        parser().parse_args(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"trusted-check {VERSION}, {len(rules.ALL)} rules\n"


def test_without_options_concerns_fail():
    asked = parser().parse_args(["dist"])
    assert (str(asked.folder), asked.fail_on, asked.color) == ("dist", "concern", "auto")
