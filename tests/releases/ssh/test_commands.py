"""Which commands are taken, and that all others are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.ssh.commands import LONGEST, MEANT, Command, read
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.once

FLAGS = "-vlogDtpre.iLsfxCIvu"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            f"rsync --server {FLAGS} . /tool/1.0/",
            Command(False, "tool", "1.0", "", False, (FLAGS,)),
        ),
        (
            f"rsync --server {FLAGS} --delete . /tool/1.0/",
            Command(False, "tool", "1.0", "", True, (FLAGS, "--delete")),
        ),
        (
            f"rsync --server --sender {FLAGS} . /my-tool/2.0.0-alpha.1+b/",
            Command(True, "my-tool", "2.0.0-alpha.1+b", "", False, ("--sender", FLAGS)),
        ),
        (
            f"rsync --server --sender {FLAGS} --dirs . /tool/1.0/maven/org/",
            Command(True, "tool", "1.0", "maven/org/", False, ("--sender", FLAGS, "--dirs")),
        ),
        (  # of older clients, and of those of macOS
            "rsync --server -logDtprv . /tool/1.0/",
            Command(False, "tool", "1.0", "", False, ("-logDtprv",)),
        ),
    ],
)
def test_what_rsync_asks_for_is_read(text: str, meant: Command) -> None:
    assert read(text) == meant
    assert str(meant) == f"/{meant.project}/{meant.version}/{meant.folder}"


REFUSED = [
    None,
    "",
    "ls",
    "sh -c 'rsync --server'",
    "rsync",
    "rsync --server",
    "rsync --daemon .",
    f"rsync --server {FLAGS} /tool/1.0/",
    f"rsync --server {FLAGS} .. /tool/1.0/",
    f"rsync --server {FLAGS} . . /tool/1.0/",
    f"rsync --server {FLAGS} {FLAGS} . /tool/1.0/",
    "rsync --server . /tool/1.0/",
    "rsync --server -vre.iLsfxCIvu . /tool/1.0/",
    "rsync --server -vlogDtprze.iLsfxCIvu . /tool/1.0/",
    "rsync --server -vvlogDtpre.iLsfxCIvu . /tool/1.0/",
    "rsync --server -vlogDtpre.iLsfxCIvu;id . /tool/1.0/",
    "rsync --server -vlogDtpre/bin/sh . /tool/1.0/",
    "rsync --server -vlogDtpr=x . /tool/1.0/",
    f"rsync --server {FLAGS} --delete --delete . /tool/1.0/",
    f"rsync --server {FLAGS} --rsh=sh . /tool/1.0/",
    f"rsync --server {FLAGS} --log-file=/etc/x . /tool/1.0/",
    f"rsync --server {FLAGS} --files-from=/etc/passwd . /tool/1.0/",
    f"rsync --server {FLAGS} --temp-dir=/ . /tool/1.0/",
    f"rsync --server {FLAGS} --partial-dir=/etc . /tool/1.0/",
    f"rsync --server {FLAGS} --inplace . /tool/1.0/",
    f"rsync --server --sender {FLAGS} --delete . /tool/1.0/",
    f"rsync --server --sender {FLAGS} --remove-source-files . /tool/1.0/",
    f"rsync --server --sender --sender {FLAGS} . /tool/1.0/",
    f"RSYNC --server {FLAGS} . /tool/1.0/",
    f"/usr/bin/rsync --server {FLAGS} . /tool/1.0/",
    f"rsync --server {FLAGS} . '/tool/1.0/",
    f"rsync --server {FLAGS} . /tool/1.0/\n",
    f"rsync --server {FLAGS} . /tool/1.0/ /tool/2.0/",
    f"rsync --server {FLAGS} . /tool/{'x/' * LONGEST}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_all_else_is_refused(text: str | None) -> None:
    with pytest.raises(BadInput) as told:
        read(text)
    assert str(told.value) == MEANT


@pytest.mark.parametrize(
    "place",
    [
        *("tool/1.0/", "/tool/1.0", "/tool/", "/", "//", "/tool//", "/tool//1.0/"),
        *("/../../etc/", "/tool/../", "/tool/1.0/../", "/tool/1.0/a/../../", "~/tool/1.0/"),
        *("/Tool/1.0/", "/tool/.1/", "/tool/1_0/", "/-tool/1.0/", "/tool/-rf/", "/t$x/1.0/"),
        *("/tool/1.0/.git/", "/tool/1.0/a//b/", "/tool/1.0/-e\\ sh/", f"/{'x' * 200}/1.0/"),
    ],
)
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(BadInput):
        read(f"rsync --server {FLAGS} . {place}")


@given(st.text(max_size=200))
def test_nothing_but_the_form_is_ever_taken(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


@given(st.lists(st.sampled_from([*FLAGS, "--sender", "--delete", ".", "/tool/1.0/", "--dirs"])))
def test_what_is_taken_starts_rsync_with_words_of_ours_only(words: list[str]) -> None:
    try:
        command = read(" ".join(["rsync", "--server", *words]))
    except BadInput:
        return
    assert set(command.arguments) <= {"--sender", "--delete", "--dirs", *words}
    assert command.project == "tool"
