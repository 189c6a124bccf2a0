from checks.engine.model import Finding, Level
from checks.engine.text import WIDTH, lines


def finding(level, message="Hm.", **more):
    return Finding("paths", 1, level, "a.zip", message, **more).as_json()


def document(*findings, error="", verdict="failed"):
    return {
        "files": [{}],
        "results": [
            {"path": "a.zip", "rules": ["paths"], "findings": list(findings), "error": error}
        ],
        "counts": {"note": 1, "blocker": 2},
        "verdict": verdict,
    }


def test_findings_stand_under_their_file_the_worst_first():
    written = lines(document(finding(Level.NOTE, "Fine."), finding(Level.BLOCKER, "Bad.")))
    assert written[:4] == ["", "a.zip", "  blocker    Bad. [paths]", "  note       Fine. [paths]"]
    assert written[-2:] == ["1 file: 1 note, 2 blockers.", "Failed: mend the blockers and errors."]


def test_a_member_a_command_and_long_sentences_fit():
    long = finding(Level.CONCERN, "word " * 60, member="a/b.c", see="tar tf a.tgz")
    written = lines(document(long))
    assert written[2].startswith("  concern    a/b.c: word")
    assert all(len(line) <= WIDTH for line in written)
    assert "             $ tar tf a.tgz" in written


def test_notes_can_be_left_out_with_the_files_that_have_nothing_else():
    assert lines(document(finding(Level.NOTE), verdict="passed"), notes=False)[-1] == "Passed."
    assert "a.zip" not in lines(document(finding(Level.NOTE)), notes=False)


def test_an_error_of_a_rule_comes_first_of_all():
    written = lines(document(finding(Level.BLOCKER), error="The rule failed."))
    assert written[2] == "  error      The rule failed. [paths]"


def test_findings_about_other_files_stand_under_these():
    other = {**finding(Level.NOTE), "path": "b.zip"}
    assert "b.zip" in lines(document(finding(Level.NOTE), other))


def test_hostile_names_cannot_write_to_the_terminal():
    written = lines(document(finding(Level.NOTE, member="a\x1b[2J", see="ls '\x07'")))
    assert not any(char in line for line in written for char in "\x1b\x07")


def test_levels_can_be_painted():
    written = lines(document(finding(Level.NOTE)), paint=lambda level, text: f"<{text}>")
    assert written[2].startswith("  <note       >Hm.")


def test_the_release_as_a_whole_has_a_name():
    whole = document(finding(Level.BLOCKER))
    whole["results"][0]["path"] = ""
    whole["results"][0]["findings"][0]["path"] = ""
    assert "The release as a whole" in lines(whole)
