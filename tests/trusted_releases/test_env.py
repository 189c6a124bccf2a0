"""The environment is read strictly: each complaint names its variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from trusted_releases import env

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("said", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("", False)]
)
def test_a_flag_is_said_in_several_ways(monkeypatch: Patch, said: str, meant: bool) -> None:
    monkeypatch.setenv("SOME_FLAG", said)
    assert env.flag("SOME_FLAG", default=not meant) is meant


def test_a_doubtful_flag_is_not_guessed(monkeypatch: Patch) -> None:
    monkeypatch.setenv("SOME_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SOME_FLAG='maybe' is neither true nor false"):
        env.flag("SOME_FLAG")


@pytest.mark.parametrize(
    ("said", "complaint"), [("many", "is not a whole number"), ("0", "is too small: at least 1")]
)
def test_a_number_is_a_whole_one_and_large_enough(
    monkeypatch: Patch, said: str, complaint: str
) -> None:
    monkeypatch.setenv("SOME_NUMBER", said)
    with pytest.raises(ImproperlyConfigured, match=f"SOME_NUMBER=.*{complaint}"):
        env.number("SOME_NUMBER", 5, least=1)
    monkeypatch.setenv("SOME_NUMBER", " 7 ")
    assert env.number("SOME_NUMBER", 5, least=1) == 7
    monkeypatch.delenv("SOME_NUMBER")
    assert env.number("SOME_NUMBER", 5, least=1) == 5


def test_words_are_split_at_commas_and_empty_ones_are_left_out(monkeypatch: Patch) -> None:
    monkeypatch.setenv("SOME_WORDS", "a.example.org, b.example.org,,")
    assert env.words("SOME_WORDS") == ["a.example.org", "b.example.org"]


def test_a_choice_outside_the_list_names_the_list(monkeypatch: Patch) -> None:
    monkeypatch.setenv("SOME_STORE", "tape")
    with pytest.raises(ImproperlyConfigured, match="SOME_STORE='tape' must be one of: files, s3"):
        env.choice("SOME_STORE", "files", "files", "s3")
    monkeypatch.setenv("SOME_STORE", "s3")
    assert env.choice("SOME_STORE", "files", "files", "s3") == "s3"


def test_a_secret_may_lie_in_a_file(monkeypatch: Patch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(file))
    assert env.text("SOME_SECRET") == "from the file"
    monkeypatch.setenv("SOME_SECRET", "from the environment")
    assert env.text("SOME_SECRET") == "from the environment"


def test_a_missing_secret_file_is_named(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match=r"SOME_SECRET_FILE: cannot read .*absent"):
        env.text("SOME_SECRET", "default")


def test_a_path_is_made_absolute(monkeypatch: Patch) -> None:
    monkeypatch.setenv("SOME_DIR", "~/data")
    assert env.path("SOME_DIR", Path("/x")) == (Path.home() / "data").resolve()


# --- The file of variables ------------------------------------------------------------------------


def load(monkeypatch: Patch, file: Path, content: str) -> None:
    monkeypatch.delenv("ENV_FILE", raising=False)
    file.write_text(content)
    env.load(file)


def test_the_file_speaks_only_where_the_environment_is_silent(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SAID_TWICE", "environment")
    for name in ("SAID_ONCE", "QUOTED", "EXPORTED"):
        monkeypatch.setenv(name, "")  # so that it is taken away again afterwards
        monkeypatch.delenv(name)
    content = "# here\n\nSAID_TWICE=file\nSAID_ONCE = a=b # c\nQUOTED='x y'\nexport EXPORTED=1\n"
    load(monkeypatch, tmp_path / ".env", content)
    names = ("SAID_TWICE", "SAID_ONCE", "QUOTED", "EXPORTED")
    assert [env.text(name) for name in names] == ["environment", "a=b # c", "x y", "1"]


def test_a_line_that_sets_nothing_is_named(monkeypatch: Patch, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 2: write NAME=value"):
        load(monkeypatch, tmp_path / ".env", "# one\nDEBUG\n")


def test_another_file_or_none_can_be_chosen(monkeypatch: Patch, tmp_path: Path) -> None:
    usual, other = tmp_path / ".env", tmp_path / "other"
    usual.write_text("not even a variable\n")
    other.write_text("CHOSEN_HERE=1\n")
    monkeypatch.setenv("ENV_FILE", "")
    env.load(usual)
    monkeypatch.setenv("CHOSEN_HERE", "")
    monkeypatch.delenv("CHOSEN_HERE")
    monkeypatch.setenv("ENV_FILE", str(other))
    env.load(usual)
    assert env.text("CHOSEN_HERE") == "1"


def test_an_absent_file_is_no_error(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.delenv("ENV_FILE", raising=False)
    env.load(tmp_path / "absent")


# --- Databases ------------------------------------------------------------------------------------


def database(monkeypatch: Patch, url: str) -> dict[str, object]:
    monkeypatch.setenv("SOME_DATABASE", url)
    return env.database("SOME_DATABASE", "")


def test_sqlite_runs_with_the_options_that_lose_nothing(monkeypatch: Patch) -> None:
    found = database(monkeypatch, "sqlite:////srv/a%20b/db.sqlite3")
    assert found["NAME"] == Path("/srv/a b/db.sqlite3")
    assert found["OPTIONS"] == env.SQLITE_OPTIONS
    assert database(monkeypatch, "sqlite:///var/db")["NAME"] == Path.cwd() / "var/db"


def test_postgresql_keeps_connections_and_has_no_pool(monkeypatch: Patch) -> None:
    found = database(monkeypatch, "postgresql://us%40er:p%2Fw@Db.example:5433/name?sslmode=require")
    assert found["ENGINE"] == "django.db.backends.postgresql"
    parts = [found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert parts == ["name", "us@er", "p/w", "Db.example", "5433"]
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"]) == (60, True)


@pytest.mark.parametrize(
    ("host", "meant"), [("%2Frun%2FPostgres", "/run/Postgres"), ("[::1]", "::1"), ("", "")]
)
def test_a_host_is_a_name_an_address_or_the_directory_of_a_socket(
    monkeypatch: Patch, host: str, meant: str
) -> None:
    assert database(monkeypatch, f"postgresql://me@{host}/name")["HOST"] == meant


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://host/name", "write sqlite:///path or postgresql:"),
        ("sqlite://", "sqlite:///relative/path"),
        ("postgresql://host", "names no database"),
        ("postgresql://host:99999/name", "the port is not a number below 65536"),
    ],
)
def test_a_bad_database_url_is_named_without_its_password(
    monkeypatch: Patch, url: str, complaint: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint) as caught:
        database(monkeypatch, url.replace("://host", "://me:hunter2@host"))
    assert "SOME_DATABASE" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_address_is_what_is_said_else_what_is_noted_else_the_default(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    note = tmp_path / "site-url"
    assert env.address("SOME_URL", note, "http://localhost:8000") == "http://localhost:8000"
    note.write_text("http://localhost:8055\n")
    assert env.address("SOME_URL", note, "http://localhost:8000") == "http://localhost:8055"
    monkeypatch.setenv("SOME_URL", "https://releases.example.org/")
    said = env.address("SOME_URL", note, "http://localhost:8000")
    assert said == "https://releases.example.org"
