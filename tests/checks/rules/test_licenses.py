import pytest

from checks.engine.model import Level
from checks.rules import licenses
from tests.checks.engine import made
from tests.checks.engine.made import LICENSE, NOTICE, source


def judged(tmp_path, members, name="r.tar.gz", **policy):
    candidate = made.candidate(tmp_path, {name: made.tar(members)}, **policy)
    return made.findings(candidate, "license.files")


def told(found, level):
    return [each.message for each in found if each.level == level]


def test_a_source_archive_with_both_texts_is_fine(tmp_path):
    found = judged(tmp_path, source("r"))
    assert [(each.level, each.member) for each in found] == [
        (Level.NOTE, "r/LICENSE"),
        (Level.NOTE, "r/NOTICE"),
    ]
    assert found[0].see == "tar xOf r.tar.gz r/LICENSE"


@pytest.mark.parametrize("what", ["LICENSE", "NOTICE"])
def test_a_missing_text_is_a_blocker(tmp_path, what):
    (message,) = told(judged(tmp_path, source("r", **{what: None})), Level.BLOCKER)
    assert f"no {what} file directly in r/" in message


def test_a_text_in_a_folder_below_does_not_count_in_a_source_archive(tmp_path):
    members = {**source("r", LICENSE=None), "r/doc/LICENSE": LICENSE}
    assert told(judged(tmp_path, members), Level.BLOCKER)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_another_suffix_is_a_suggestion(tmp_path, suffix):
    texts = {f"LICENSE{suffix}": LICENSE, f"NOTICE{suffix}": NOTICE}
    found = judged(tmp_path, source("r", LICENSE=None, NOTICE=None, **texts))
    assert made.worst(found) == Level.SUGGESTION
    assert len(told(found, Level.SUGGESTION)) == 2


def test_an_altered_licence_is_a_blocker_with_the_difference(tmp_path):
    altered = LICENSE.replace(b"perpetual,", b"temporary,", 1)
    (found,) = [
        each for each in judged(tmp_path, source("r", LICENSE=altered)) if each.level != Level.NOTE
    ]
    assert found.level == Level.BLOCKER
    assert "You a temporary," in found.data["diff"]


def test_a_wrong_notice_is_a_concern(tmp_path):
    found = judged(tmp_path, source("r", NOTICE=b"Example"))
    assert made.worst(found) == Level.CONCERN


def test_two_top_folders_are_a_concern_and_nothing_else(tmp_path):
    (found,) = judged(tmp_path, {**source("r"), "s/x": b"x"})
    assert found.level == Level.CONCERN
    assert "2 folders" in found.message


def test_a_stray_file_at_the_top_does_not_matter(tmp_path):
    found = judged(tmp_path, {**source("r"), "stray": b"x"})
    assert made.worst(found) == Level.NOTE


def test_members_with_a_leading_dot_are_found(tmp_path):
    members = {f"./{name}": content for name, content in source("r").items()}
    assert made.worst(judged(tmp_path, members)) == Level.NOTE


def test_a_link_to_a_text_that_is_there_is_as_good(tmp_path):
    members = {**source("r", LICENSE="doc/LICENSE"), "r/doc/LICENSE": LICENSE}
    assert made.worst(judged(tmp_path, members)) == Level.NOTE


def test_a_link_that_leads_up_and_down_again_is_followed(tmp_path):
    members = {**source("r", LICENSE="../r/./doc/../doc/LICENSE"), "r/doc/LICENSE": LICENSE}
    assert made.worst(judged(tmp_path, members)) == Level.NOTE


def test_a_hard_link_is_followed_by_its_path_in_the_archive(tmp_path):
    members = {"r/doc/LICENSE": LICENSE, **source("r", LICENSE=made.Hard("r/doc/LICENSE"))}
    assert made.worst(judged(tmp_path, members)) == Level.NOTE


def test_a_licence_that_is_a_link_to_the_notice_is_none(tmp_path):
    found = judged(tmp_path, source("r", LICENSE="NOTICE"))
    assert told(found, Level.BLOCKER)


def test_an_archive_with_endless_licences_is_judged_by_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(licenses, "MAX_TEXTS", 3)
    many = {f"r/{number}/LICENSE": b"MIT" for number in range(9)}
    found = judged(tmp_path, {**source("r"), **many})
    assert made.worst(found) == Level.NOTE


def test_a_link_to_something_else_is_a_blocker_that_says_where_it_leads(tmp_path):
    members = {**source("r", LICENSE="main.c")}
    (message,) = told(judged(tmp_path, members), Level.BLOCKER)
    assert "link to 'r/main.c'" in message


def test_a_binary_archive_needs_one_good_text_of_each_anywhere(tmp_path):
    members = {"r/lib/LICENSE.txt": LICENSE, "r/META-INF/NOTICE": NOTICE, "r/x/LICENSE": b"MIT"}
    assert made.worst(judged(tmp_path, members, "r-bin.tar.gz")) == Level.NOTE


def test_a_binary_archive_without_texts_has_two_blockers(tmp_path):
    found = judged(tmp_path, {"r/x": b"x"}, "r-bin.tar.gz")
    assert len(told(found, Level.BLOCKER)) == 2


def test_a_binary_zip_is_judged_like_a_tar(tmp_path):
    members = {"r/LICENSE": LICENSE, "r/NOTICE": NOTICE}
    candidate = made.candidate(tmp_path, {"r-bin.zip": made.zipped(members)})
    found = made.findings(candidate, "license.files")
    assert made.worst(found) == Level.NOTE
    assert found[0].see == "unzip -p r-bin.zip r/LICENSE"


def test_a_binary_archive_with_only_bad_licences_has_one_blocker(tmp_path):
    members = {"r/LICENSE": b"MIT", "r/x/LICENSE": b"BSD", "r/NOTICE": NOTICE}
    found = judged(tmp_path, members, "r-bin.tar.gz")
    assert len(told(found, Level.BLOCKER)) == 1


def test_files_that_macos_adds_are_no_texts(tmp_path):
    members = {**source("r", LICENSE=None), "r/._LICENSE": LICENSE, "r/._x/LICENSE": LICENSE}
    assert told(judged(tmp_path, members), Level.BLOCKER)
    binary = {"r/NOTICE": NOTICE, "r/._x/LICENSE": LICENSE}
    assert told(judged(tmp_path, binary, "r-bin.tar.gz"), Level.BLOCKER)


@pytest.mark.parametrize(
    ("extra", "level"),
    [
        ({}, Level.BLOCKER),
        ({"DISCLAIMER": b"x"}, Level.NOTE),
        ({"DISCLAIMER-WIP": b"x"}, Level.NOTE),
        ({"DISCLAIMER.txt": b"x"}, Level.SUGGESTION),
    ],
)
def test_source_of_a_podling_has_a_disclaimer(tmp_path, extra, level):
    assert made.worst(judged(tmp_path, source("r", **extra), podling=True)) == level


def test_source_of_others_and_binaries_of_podlings_need_none(tmp_path):
    binary = {"r/LICENSE": LICENSE, "r/NOTICE": NOTICE}
    assert made.worst(judged(tmp_path, source("r"))) == Level.NOTE
    assert made.worst(judged(tmp_path, binary, "r-bin.tar.gz", podling=True)) == Level.NOTE


def test_a_project_that_wants_rat_only_is_not_judged_here(tmp_path):
    assert judged(tmp_path, {"r/x": b"x"}, license_mode="rat") == []


def test_a_broken_archive_is_not_judged(tmp_path):
    content = made.tar(source("r"))[:200]
    candidate = made.candidate(tmp_path, {"r.tar.gz": content})
    (found,) = made.findings(candidate, "license.files")
    assert found.level == Level.NOTE
    assert "Not judged" in found.message


def test_another_foundation_has_its_own_notice(tmp_path):
    notice = NOTICE.replace(b"The Apache Software Foundation", b"Example e.V.")
    policy = {"foundation": "Example e.V."}
    assert made.worst(judged(tmp_path, source("r", NOTICE=notice), **policy)) == Level.NOTE
    assert made.worst(judged(tmp_path, source("r"), **policy)) == Level.CONCERN
