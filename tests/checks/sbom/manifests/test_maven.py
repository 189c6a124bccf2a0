"""pom.xml with parents, properties and managed versions of the same archive."""

import time

import pytest

from checks.sbom.manifests import read
from tests.checks.sbom.manifests.written import contents, needs, one, told

pytestmark = pytest.mark.once


def pom(inner: str, artifact: str = "tool", version: str = "1.0") -> str:
    about = f"<groupId>org.apache.tool</groupId><artifactId>{artifact}</artifactId>"
    about += f"<version>{version}</version>" if version else ""
    return f'<project xmlns="http://maven.apache.org/POM/4.0.0">{about}{inner}</project>'


def child(inner: str = "", version: str = "1.0") -> str:
    parent = "<groupId>org.apache.tool</groupId><artifactId>tool</artifactId>"
    return (
        f"<project><parent>{parent}<version>{version}</version></parent>"
        f"<artifactId>tool-core</artifactId>{inner}</project>"
    )


def dependency(artifact: str, version: str = "", more: str = "", group: str = "g") -> str:
    told = f"<version>{version}</version>" if version else ""
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"{told}{more}</dependency>"
    )


def dependencies(*each: str) -> str:
    return f"<dependencies>{''.join(each)}</dependencies>"


def managed(*each: str) -> str:
    return f"<dependencyManagement>{dependencies(*each)}</dependencyManagement>"


def every(**files: str):
    """Manifests by the folder that they lie in."""
    found = read(contents({f"{name}/pom.xml": text for name, text in files.items()}))
    return {each.path.removesuffix("/pom.xml"): each for each in found}


def test_a_project_and_what_it_needs():
    found = one(
        "x/pom.xml",
        pom(
            "<licenses><license><name>Apache-2.0</name></license></licenses>"
            + dependencies(
                dependency("a", "1.2"),
                dependency("b", "2", "<scope>test</scope>"),
                dependency("c", "3", "<optional>true</optional>"),
                dependency("d", "4", "<classifier>linux</classifier><type>zip</type>"),
                dependency("e", "5", "<scope>provided</scope>"),
            )
        ),
    )
    assert told(found.own) == ("pkg:maven/org.apache.tool/tool@1.0", "required")
    assert found.own.licences == ("Apache-2.0",)
    assert needs(found) == [
        ("pkg:maven/g/a@1.2", "required"),
        ("pkg:maven/g/b@2", "excluded"),
        ("pkg:maven/g/c@3", "optional"),
        ("pkg:maven/g/d@4?classifier=linux&type=zip", "required"),
        ("pkg:maven/g/e@5", "required"),
    ]


def test_properties_are_filled_in_from_the_project_and_its_parents():
    found = every(
        root=pom("<properties><a.version>7</a.version><b.version>8</b.version></properties>"),
        core=child(
            "<properties><b.version>9</b.version></properties>"
            + dependencies(
                dependency("a", "${a.version}"),
                dependency("b", "${b.version}"),
                dependency("tool", "${project.version}", group="${project.groupId}"),
            )
        ),
    )
    assert told(found["core"].own) == ("pkg:maven/org.apache.tool/tool-core@1.0", "required")
    assert needs(found["core"]) == [
        ("pkg:maven/g/a@7", "required"),
        ("pkg:maven/g/b@9", "required"),
        ("pkg:maven/org.apache.tool/tool@1.0", "required"),
    ]


def test_versions_are_managed_by_parents_and_imported_lists():
    found = every(
        bom=pom(managed(dependency("a", "1"), dependency("b", "1")), artifact="tool-bom"),
        root=pom(
            managed(
                dependency("tool-bom", "1.0", "<scope>import</scope>", group="org.apache.tool"),
                dependency("b", "2"),
                dependency("c", "3", "<scope>test</scope>"),
            )
        ),
        core=child(dependencies(dependency("a"), dependency("b"), dependency("c"))),
    )
    assert needs(found["core"]) == [
        ("pkg:maven/g/a@1", "required"),
        ("pkg:maven/g/b@2", "required"),
        ("pkg:maven/g/c@3", "excluded"),
    ]


def test_what_is_not_said_in_the_archive_is_not_guessed():
    found = one(
        "pom.xml",
        pom(
            dependencies(dependency("a"), dependency("b", "${elsewhere}"), dependency("c", "[1,2)"))
        ),
    )
    assert needs(found) == [
        ("pkg:maven/g/a", "required"),
        ("pkg:maven/g/b", "${elsewhere}", "required"),
        ("pkg:maven/g/c", "[1,2)", "required"),
    ]


def test_a_parent_of_another_version_is_another_parent():
    properties = "<properties><v>1</v></properties>"
    wanted = dependencies(dependency("a", "${v}"))
    found = every(root=pom(properties, version="2.0"), core=child(wanted))
    assert needs(found["core"]) == [("pkg:maven/g/a", "${v}", "required")]


def test_what_profiles_add_is_optional():
    profile = f"<profiles><profile>{dependencies(dependency('a', '1'))}</profile></profiles>"
    assert needs(one("pom.xml", pom(profile))) == [("pkg:maven/g/a@1", "optional")]


def test_a_project_of_another_packaging_says_so():
    found = one("pom.xml", pom("<packaging>pom</packaging>"))
    assert told(found.own) == ("pkg:maven/org.apache.tool/tool@1.0?type=pom", "required")


def test_projects_that_are_each_others_parents_come_to_an_end():
    def of(name: str, parent: str) -> str:
        return (
            f"<project><groupId>g</groupId><artifactId>{name}</artifactId><version>1</version>"
            f"<parent><groupId>g</groupId><artifactId>{parent}</artifactId><version>1</version>"
            f"</parent>{dependencies(dependency('x', '1'))}</project>"
        )

    found = every(a=of("a", "b"), b=of("b", "a"), c=of("c", "c"))
    assert [needs(each) for each in found.values()] == [[("pkg:maven/g/x@1", "required")]] * 3


def test_properties_that_multiply_come_to_an_end():
    laughs = "".join(f"<p{n}>${{p{n + 1}}}${{p{n + 1}}}</p{n}>" for n in range(50))
    begun = time.monotonic()
    found = one(
        "pom.xml",
        pom(
            f"<properties>{laughs}<p50>ha</p50><self>${{self}}</self></properties>"
            + dependencies(dependency("a", "${p0}"), dependency("b", "${self}"))
        ),
    )
    assert time.monotonic() - begun < 2
    assert [each.version for each in found.needs if each.name == "b"] == [""]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<project>", "it is no XML"),
        (b"", "it is no XML"),
        (b"<settings/>", "it is no project of Maven"),
        (b"<project/>", "it names no artifact"),
        (
            b'<!DOCTYPE p [<!ENTITY a "x">]><project><artifactId>&a;</artifactId></project>',
            "it declares entities",
        ),
        (b"<a>" * 700_000, "it has more than 300,000 elements"),
    ],
)
def test_what_cannot_be_read_says_why_and_the_others_stand(content, problem):
    found = {
        each.path: each for each in read({"a/pom.xml": content, "b/pom.xml": pom("").encode()})
    }
    assert problem in found["a/pom.xml"].problem
    assert told(found["b/pom.xml"].own)


def test_a_name_that_is_none_makes_no_package():
    found = one("pom.xml", pom(dependencies(dependency("a\tb", "1"), dependency("x" * 400, "1"))))
    assert found.needs == ()
    assert "2 of its packages" in found.problem


def test_a_thousand_projects_below_one_parent_are_read_at_once():
    many = {f"m{n}": child(dependencies(dependency("a"))) for n in range(1000)}
    begun = time.monotonic()
    found = every(root=pom(managed(*(dependency(f"d{n}", "1") for n in range(500)))), **many)
    assert len(found) == 1001
    assert time.monotonic() - begun < 8
