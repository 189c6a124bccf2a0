"""Writes an inventory down as a bill of materials in CycloneDX 1.6, JSON."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.exceptions import InvalidSpdxLicenseException
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema.schema import SchemaVersion1Dot6
from packageurl import PackageURL

from checks.sbom.generate.about import About, Outcome
from checks.sbom.generate.inventory import Inventory, Part
from checks.sbom.generate.suppliers import supplier_of
from checks.sbom.manifests import Package, purl_of
from checks.sbom.reading import parse
from checks.sbom.validate import validate
from trusted_releases.lib.canonical import canonical

PREFIX = "trusted-releases"
MAX_PROPERTIES = 200  # manifests that could not be read which are named one by one
ORDER = (  # in which people read it
    *("$schema", "bomFormat", "specVersion", "serialNumber", "version"),
    *("metadata", "components", "dependencies"),
)
_HASHES = {each.value: each for each in HashAlgorithm}
_LICENCES = LicenseFactory()

Json = dict[str, Any]


def document(inventory: Inventory, about: About, outcome: Outcome) -> bytes:
    """The document. The same inventory and the same facts give the same bytes."""
    primary = _primary(inventory.identity, about)
    metadata = _metadata(primary, about, outcome)
    serial = uuid5(NAMESPACE_URL, canonical(about.as_json()).decode())
    head: Json = json.loads(
        JsonV1Dot6(Bom(metadata=metadata, serial_number=serial)).output_as_string()
    )
    components = [_component(part) for part in inventory.parts]
    dependencies = list(_dependencies(inventory, str(primary.bom_ref)))
    whole = head | {"components": components, "dependencies": dependencies}
    ordered = {name: whole[name] for name in ORDER}
    written = (json.dumps(ordered, indent=1, ensure_ascii=False) + "\n").encode()
    _require_valid(written)
    return written


def _primary(identity: Package | None, about: About) -> Component:
    """What the document describes: the archive, as the package that it is or by its name."""
    hashes = [
        HashType(alg=HashAlgorithm.SHA_256, content=about.sha256),
        HashType(alg=HashAlgorithm.SHA_512, content=about.sha512),
    ]
    if identity is not None:
        purl, name, group = purl_of(identity), identity.name, identity.namespace
    else:
        named = {"file_name": about.path.rpartition("/")[2], "checksum": f"sha256:{about.sha256}"}
        purl = PackageURL("generic", None, about.project, about.version, named)
        name, group = about.title, ""
    return Component(
        name=name,
        group=group or None,
        version=about.version,
        bom_ref=purl.to_string(),
        type=ComponentType.APPLICATION if identity is None else ComponentType.LIBRARY,
        purl=purl,
        hashes=hashes,
        supplier=OrganizationalEntity(name=about.supplier),
        publisher=about.publisher,
        licenses=_licences(identity.licences if identity else ()),
        external_references=list(_links(about)),
        properties=[Property(name=f"{PREFIX}:path", value=about.path)],
    )


def _links(about: About) -> Iterator[ExternalReference]:
    for kind, address in (
        (ExternalReferenceType.WEBSITE, about.homepage),
        (ExternalReferenceType.VCS, about.repository),
    ):
        if address:
            yield ExternalReference(type=kind, url=XsUri(address))


def _metadata(primary: Component, about: About, outcome: Outcome) -> BomMetaData:
    tool = Component(name=about.tool, version=about.tool_version, type=ComponentType.APPLICATION)
    return BomMetaData(
        component=primary,
        timestamp=datetime.fromisoformat(about.made_at),
        tools=ToolRepository(components=[tool]),
        supplier=OrganizationalEntity(name=about.supplier),
        manufacturer=OrganizationalEntity(name=about.supplier),
        properties=list(_told(outcome)),
    )


def _told(outcome: Outcome) -> Iterator[Property]:
    """What a reader must know who takes the list for complete."""
    yield Property(name=f"{PREFIX}:manifests-read", value=str(outcome.manifests))
    yield Property(name=f"{PREFIX}:components-without-version", value=str(outcome.without_version))
    if outcome.left_out:
        yield Property(name=f"{PREFIX}:components-left-out", value=str(outcome.left_out))
    for path, why in outcome.unread[:MAX_PROPERTIES]:
        yield Property(name=f"{PREFIX}:manifest-not-read", value=f"{path}: {why}")
    if (more := len(outcome.unread) - MAX_PROPERTIES) > 0:
        yield Property(name=f"{PREFIX}:manifest-not-read", value=f"{more} more")


def _component(part: Part) -> Json:
    """One component, as the library writes it. One by one: it compares all that it is given."""
    package = part.package
    is_file = package.type == "file"
    supplier = supplier_of(package)
    component = Component(
        name=_name(package),
        group=None if is_file or package.type == "golang" else package.namespace or None,
        version=package.version or None,
        bom_ref=package.reference,
        type=ComponentType.FILE if is_file else ComponentType.LIBRARY,
        purl=None if is_file else purl_of(package),
        scope=ComponentScope(package.scope),
        supplier=OrganizationalEntity(name=supplier) if supplier else None,
        hashes=[HashType(alg=_HASHES[name], content=value) for name, value in part.hashes],
        licenses=_licences(part.licences),
        evidence=ComponentEvidence(occurrences=[Occurrence(location=each) for each in part.places]),
        properties=[
            Property(name=f"{PREFIX}:requirement", value=each) for each in part.requirements
        ],
    )
    made: Json = json.loads(component.as_json(view_=SchemaVersion1Dot6))  # type: ignore[attr-defined]
    # The library orders them by where they lie in memory.
    made["evidence"]["occurrences"].sort(key=lambda each: each["location"])
    return made


def _name(package: Package) -> str:
    if package.type == "golang" and package.namespace:
        return f"{package.namespace}/{package.name}"
    return package.name


def _licences(told: Iterable[str]) -> list[Any]:
    """Each as an id or a name; an expression only where it is alone, as the schema asks."""
    words = list(dict.fromkeys(told))
    if len(words) == 1:
        return [_LICENCES.make_from_string(words[0])]
    return [_LICENCES.make_with_name(each) if " " in each else _one(each) for each in words]


def _one(word: str) -> Any:
    try:
        return _LICENCES.make_with_id(word)
    except InvalidSpdxLicenseException:
        return _LICENCES.make_with_name(word)


def _dependencies(inventory: Inventory, primary: str) -> Iterator[Json]:
    """Who asks for what. What does not stand here may ask for more: that is not known."""
    roots = sorted((inventory.roots & inventory.references) - {primary})
    yield {"ref": primary, "dependsOn": roots} if roots else {"ref": primary}
    for ref in sorted(inventory.references - {primary}):
        if needs := inventory.needs_of(ref):
            yield {"ref": ref, "dependsOn": needs}


def _require_valid(document: bytes) -> None:
    """A document that breaks the schema is our mistake, and nobody is to have it."""
    if errors := validate(parse(document)).errors:
        raise ValueError(f"The bill of materials breaks the schema: {errors[0]}")
