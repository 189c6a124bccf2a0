"""The rules of the house that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django import urls
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver

from projects.roles import GRANTS
from tests.house import PACKAGES, ROOT, files, sources, texts, tree
from trusted_releases.ledger.tags import Tag
from trusted_releases.reactions import REACTIONS

LONGEST = 300  # lines; a longer file holds two subjects

# Longer files, each with the reason why it holds one subject all the same.
LONG: dict[str, str] = {
    "trusted_releases/settings.py": "every setting of an installation stands in one file",
}

# Sources, or folders of them, that have no test file of the same name: where their tests are.
TESTED_IN = {
    "checks/engine/archive": "tests/checks/engine/archive/test_reading.py",  # by behaviour
    "checks/guide_content.py": "tests/checks/test_guide.py",
    "checks/guide_kinds.py": "tests/checks/test_guide.py",  # words only
    "checks/guide_sbom.py": "tests/checks/test_guide.py",
    "checks/guide_source.py": "tests/checks/test_guide.py",
    "checks/models/ignored.py": "tests/checks/models/test_ignore.py",
    "checks/models/waiting.py": "tests/checks/api/test_results.py",
    "checks/forms_review.py": "tests/checks/views/test_reviews.py",
    "keys/api/items.py": "tests/keys/api/test_certificates.py",
    "keys/views/common.py": "tests/keys/views/test_keys_file.py",
    "releases/forms_provenance.py": "tests/releases/views/test_provenance.py",
    "keys/models/documents.py": "tests/keys/test_keys_files.py",
    "keys/models/history.py": "tests/keys/test_keys_files.py",
    "keys/models/importing.py": "tests/keys/test_merging.py",
    "keys/models/owning.py": "tests/keys/api/test_certificates.py",
    "keys/models/parts.py": "tests/keys/test_merging.py",
    "keys/tasks.py": "tests/keys/test_mail.py",  # by its job
    "keys/models/upload_ticket.py": "tests/keys/test_passes.py",
    "keys/models/workflow_key.py": "tests/keys/test_passes.py",
    "keys/models/workflow_pass.py": "tests/keys/test_passes.py",
    "keys/models/spent.py": "tests/keys/test_workflow_tokens.py",  # by what spends
    "projects/api/words.py": "tests/projects/api/test_policies.py",
    "projects/models/configuring.py": "tests/projects/api/test_config.py",
    "trusted_releases/ledger/models/spending.py": "tests/ledger/test_limits.py",  # by the verb
    "releases/archive_server.py": "tests/releases/test_archive.py",
    "releases/bundles.py": "tests/releases/api/test_bundling.py",  # by what it makes of requests
    "trusted_releases/lib/sizes.py": "tests/releases/test_expecting.py",  # with what is said by it
    "releases/models/open_upload.py": "tests/releases/test_resuming.py",  # by its verbs
    "trusted_releases/templatetags/sending.py": "tests/releases/views/test_parts.py",
    "releases/admin_counting.py": "tests/trusted_releases/test_admin_site.py",
    "releases/api/thread_item.py": "tests/releases/api/test_tabulating.py",
    "releases/ssh/contents.py": "tests/releases/ssh/test_session.py",
    "releases/links.py": "tests/releases/test_threads.py",
    "releases/forms_embargo.py": "tests/releases/test_embargo.py",
    "releases/models/hidden.py": "tests/releases/test_embargo.py",
    "releases/sealed.py": "tests/releases/test_embargo.py",
    "releases/views/embargo.py": "tests/releases/test_embargo.py",
    "releases/mail_text.py": "tests/releases/test_voting.py",
    "releases/models/ballot.py": "tests/releases/test_vote.py",
    "releases/models/closing.py": "tests/releases/test_reviewing.py",
    "releases/models/reading.py": "tests/releases/test_threads.py",
    "releases/reading_page.py": "tests/releases/views/test_thread.py",
    "releases/voices.py": "tests/releases/views/test_result.py",
    "releases/letter.py": "tests/releases/test_thread.py",  # by what they make of a mail
    "releases/letter_text.py": "tests/releases/test_thread.py",
    "releases/vote_lines.py": "tests/releases/test_thread.py",
    "releases/older_mail.py": "tests/releases/test_thread.py",
    "releases/forms_source.py": "tests/releases/views/test_source.py",
    "checks/sbom/manifests/maven_pom.py": "tests/checks/sbom/manifests/test_maven.py",
    "checks/working.py": "tests/checks/test_tasks.py",  # by its jobs
    "checks/rules/rat_differences.py": "tests/checks/rules/test_registry.py",  # words only
    "checks/rules/sbom_differences.py": "tests/checks/rules/test_registry.py",
    "checks/sbom/document.py": "tests/checks/sbom/test_reading.py",  # values, read there
    "checks/sbom/shape.py": "tests/checks/sbom/test_reading.py",
    "checks/sbom/xml.py": "tests/checks/sbom/test_reading.py",
    "trusted_releases/seeding": "tests/trusted_releases/seeding/test_run.py",  # by what it leaves
    "notices/kinds.py": "tests/notices/test_telling.py",  # words only
    "notices/models.py": "tests/notices/test_telling.py",  # by what makes them
    "notices/tasks.py": "tests/notices/test_mail.py",  # by its jobs
    "notices/forms.py": "tests/notices/test_views.py",
    "releases/models/timed.py": "tests/releases/test_ending.py",
    "releases/models/obstacles.py": "tests/releases/test_voting.py",
    "projects/models/policy.py": "tests/projects/test_policy.py",
    "projects/models/rules.py": "tests/projects/test_policy.py",  # what holds at a place
    "projects/models/recipients.py": "tests/projects/test_recipients.py",
    "projects/phases.py": "tests/projects/test_policy.py",  # words only
    "releases/views/policy.py": "tests/projects/views/test_policy.py",  # the same pages
    "trusted_releases/urls_for_testing.py": "tests/trusted_releases/views/test_testing.py",
    "trusted_releases/settings.py": "tests/trusted_releases/test_system_checks.py",
    "trusted_releases/asgi.py": "tests/trusted_releases/test_wsgi.py",
    "trusted_releases/reactions.py": "tests/test_house.py",
}
# Names that hold declarations only: what they declare is tested where it is used.
DECLARATIONS = {"apps.py", "urls.py", "admin.py", "__init__.py", "__main__.py"}

# Addresses whose policy is that of the library that serves them.
NOT_OURS = ("allauth.", "django.", "whitenoise.")


# --- Life cycle -----------------------------------------------------------------------------------


def writes_of_a_phase(module: ast.Module) -> Iterator[int]:
    """The lines that assign to `.phase`, or update it behind the model's back."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr == "phase":
                yield node.lineno
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("update", "update_or_create")
            and any(keyword.arg == "phase" for keyword in node.keywords)
        ):
            yield node.lineno


def test_only_move_writes_a_phase() -> None:
    found = [f"{path}:{line}" for path in sources() for line in writes_of_a_phase(tree(path))]
    assert found == [], "use a verb of the model"


@pytest.mark.parametrize("code", ["release.phase = 'x'", "rows.update(phase='x')"])
def test_a_phase_written_elsewhere_would_be_found(code: str) -> None:
    assert list(writes_of_a_phase(ast.parse(code))) == [1]


def test_every_tag_has_its_line_in_reactions() -> None:
    assert set(REACTIONS) == set(Tag)


# --- Files ----------------------------------------------------------------------------------------


def home_of_tests(source: Path) -> Path:
    """tests/<app>/… for <app>/…; ledger and lib have the same place without the roof's name."""
    parts = source.parent.parts
    if len(parts) > 1 and parts[0] == "trusted_releases" and parts[1] in ("ledger", "lib"):
        parts = parts[1:]
    return Path("tests", *parts)


def is_tested(source: Path) -> bool:
    """True for tests of the same name, or of its plural, in the mirrored folder or in its app's."""
    home, stem = home_of_tests(source), source.stem
    app = Path(*home.parts[:2])
    names = {f"test_{stem}.py", f"test_{stem}s.py"}
    if "commands" in source.parts:
        names.add("test_commands.py")
    return any(folder / name in files() for folder in (home, app) for name in names)


def is_excused(source: Path) -> bool:
    return any(str(place) in TESTED_IN for place in (source, *source.parents))


def test_every_source_file_has_its_test_file() -> None:
    wanted = [path for path in sources() if path.name not in DECLARATIONS]
    assert [str(path) for path in wanted if not is_tested(path) and not is_excused(path)] == []


def test_no_exemption_outlives_its_file() -> None:
    named = [*LONG, *TESTED_IN, *TESTED_IN.values()]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_file_holds_two_subjects() -> None:
    ours = [path for path in files() if path.suffix == ".py" and "migrations" not in path.parts]
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in ours}
    assert {name: n for name, n in lengths.items() if n > LONGEST and name not in LONG} == {}


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [f"{path}:{number}: {line}" for path, number, line in texts() if pattern.search(line)]


def test_nothing_is_left_to_be_done_in_the_code() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")  # not to find this very line
    assert lines_with(re.compile(rf"\b({'|'.join(words)})\b")) == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert lines_with(re.compile(r"(?<![\w.])/(root|work|farm)/")) == []


def test_requirements_name_no_host() -> None:
    for path in ROOT.glob("requirements*"):
        assert "://" not in path.read_text(), path


def test_every_requirement_has_its_hash() -> None:
    for path in [*ROOT.glob("requirements*.txt"), ROOT / "deploy" / "uv.txt"]:
        pins = re.findall(r"^[a-z0-9].*==.*$", path.read_text(), re.MULTILINE)
        assert pins, path
        assert [pin for pin in pins if not pin.endswith("\\")] == []


# --- Documents ------------------------------------------------------------------------------------


def variables_of(path: Path) -> set[str]:
    """The names that a module reads through `env`."""
    return {
        call.args[0].value
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_variable_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    explained = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    read = variables_of(Path("trusted_releases/settings.py"))
    assert len(read) > 20
    assert read - explained == set()


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == settings.VERSION
    assert f"## {settings.VERSION}" in (ROOT / "CHANGELOG.md").read_text()


# --- Pages ----------------------------------------------------------------------------------------


def names_of_templates() -> list[str]:
    roots = [ROOT / "templates", *(ROOT / name / "templates" for name in PACKAGES)]
    return [
        str(path.relative_to(root))
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file()
    ]


@pytest.mark.parametrize("name", names_of_templates())
def test_a_template_compiles(name: str) -> None:
    engines["django"].get_template(name)


def addresses(
    patterns: list[URLPattern | URLResolver], at: str = "/"
) -> Iterator[tuple[str, object]]:
    """Each address outside the console with its view, a class where it is one."""
    for pattern in patterns:
        here = at + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name == "admin":
                continue  # the console asks at its own door, `AdminSite.admin_view`
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, getattr(pattern.callback, "view_class", pattern.callback)


def test_every_address_says_who_may_go_there() -> None:
    """A view has a `policy`: "public", or a right that some role grants."""
    known = {"public", *chain.from_iterable(GRANTS.values())}
    silent = [
        f"{address} ({view.__module__}.{view.__qualname__})"
        for address, view in addresses(get_resolver().url_patterns)
        if not view.__module__.startswith(NOT_OURS) and getattr(view, "policy", "") not in known
    ]
    assert silent == []


def test_a_view_of_ours_that_says_nothing_would_be_found() -> None:
    def view(request: object) -> None: ...

    found = dict(addresses([urls.path("a/", urls.include(([urls.path("b/", view)], "x")))]))
    assert found == {"/a/b/": view}
    assert not view.__module__.startswith(NOT_OURS)


def test_every_model_is_in_the_console() -> None:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]
    through = [model for model in ours if model._meta.auto_created]
    missing = [
        model.__name__
        for model in ours
        if model not in through and not admin.site.is_registered(model)
    ]
    assert missing == []
