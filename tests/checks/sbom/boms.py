"""Bills of materials for tests: made with the reference library, or written by hand."""

import json
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
APACHE = {"license": {"id": "Apache-2.0"}}


def by_the_library(version: str, form: str) -> bytes:
    """A document as cyclonedx-python-lib writes it: an application of two libraries."""
    licences = LicenseFactory()
    supplier = OrganizationalEntity(name="The Example Project")
    bom = Bom()
    bom.metadata.component = Component(
        name="tool", version="1.0", type=ComponentType.APPLICATION, bom_ref="tool"
    )
    bom.metadata.supplier = supplier
    bom.metadata.authors.add(OrganizationalContact(name="Alice"))
    parts = [
        Component(
            name=name,
            version="2.1",
            group="org.example",
            type=ComponentType.LIBRARY,
            bom_ref=f"ref-{name}",
            purl=PackageURL("maven", "org.example", name, "2.1"),
            licenses=[licences.make_from_string(licence)],
            supplier=supplier,
        )
        for name, licence in (("one", "MIT"), ("two", "EPL-2.0 OR Apache-2.0"))
    ]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(bom.metadata.component, parts)
    wanted = SchemaVersion.from_version(version)
    outputter = make_outputter(bom, OutputFormat[form], wanted)
    return outputter.output_as_string().encode()


def component(name: str = "lib", version: str = "1.0", **more: Any) -> dict[str, Any]:
    """A component that lacks nothing; keywords replace or, with None, leave out a field."""
    full = {
        "type": "library",
        "bom-ref": f"ref-{name}-{version}",
        "group": "org.example",
        "name": name,
        "version": version,
        "purl": f"pkg:maven/org.example/{name}@{version}",
        "supplier": {"name": "Example"},
        "licenses": [APACHE],
    } | {key.replace("_", "-"): value for key, value in more.items()}
    return {key: value for key, value in full.items() if value is not None}


def document(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document that lacks nothing, as the JSON form has it."""
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata(),
        "components": list(components),
        "dependencies": [{"ref": "ref-tool-1.0"}],
    }
    return {key: value for key, value in (made | more).items() if value is not None}


def metadata(**more: Any) -> dict[str, Any]:
    full = {
        "timestamp": "2024-12-01T00:00:00Z",
        "supplier": {"name": "Example"},
        "authors": [{"name": "Alice"}],
        "component": component("tool", "1.0", type="application"),
    }
    return {key: value for key, value in (full | more).items() if value is not None}


def as_json(*components: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(document(*components, **more)).encode()


def licensed(*licences: Any, **more: Any) -> dict[str, Any]:
    """A component under these: identifiers or expressions."""
    chosen = [
        {"expression": each} if " " in each else {"license": {"id": each}} for each in licences
    ]
    return component(licenses=chosen, **more)
