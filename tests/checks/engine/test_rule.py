from checks.engine.model import Level
from checks.engine.rule import Examination
from checks.rules.paths import Paths


def test_a_finding_names_its_rule_and_version():
    finding = Paths().finding(Level.NOTE, "a", "Hm.", member="b", see="ls", count=3)
    assert (finding.rule, finding.version) == ("paths", Paths.version)
    assert (finding.member, finding.see, finding.data) == ("b", "ls", {"count": 3})


def test_an_examination_looks_at_nothing_unless_it_says_so():
    class Calm(Examination):
        def findings(self):
            return []

    assert Calm().member(None) is None
    assert Calm().finish() is None


def test_text_that_no_database_takes_is_escaped():
    odd = "a\udce9b\0"
    finding = Paths().finding(Level.NOTE, "a", odd, member=odd, see=odd, names=[odd, {odd: 1}])
    assert finding.message == finding.member == finding.see == "a\\udce9b\\x00"
    assert finding.data == {"names": [finding.message, {finding.message: 1}]}
