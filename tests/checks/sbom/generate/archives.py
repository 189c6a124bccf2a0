"""Archives with manifests, and what is known of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from checks.engine.model import Limits
from checks.sbom.generate.about import About, Outcome
from checks.sbom.generate.work import generate
from tests.checks.engine import made

Json = dict[str, Any]


def about(content: bytes, path: str = "apache-tool-1.0-src.tar.gz", **more: str) -> About:
    given = {
        "project": "tool",
        "title": "Apache Tool",
        "version": "1.0",
        "supplier": "The Apache Software Foundation",
        "publisher": "Apache Tool committee",
        "made_at": "2026-01-02T03:04:05+00:00",
        "tool": "Trusted Releases",
        "tool_version": "0.1.0",
    }
    digests = {name: hashlib.new(name, content).hexdigest() for name in ("sha256", "sha512")}
    return About(path=path, **digests, **{**given, **more})


def described(folder: Path, content: bytes, **known: str) -> tuple[Json, Outcome]:
    """The document of an archive in this process, and what is in it."""
    location = folder / "archive"
    location.write_bytes(content)
    made_of, outcome = generate(location, about(content, **known), Limits())
    return json.loads(made_of), outcome


def tar(**files: bytes | str) -> bytes:
    return tar_of(files)


def tar_of(files: dict[str, Any]) -> bytes:
    encoded = {
        name: content.encode() if isinstance(content, str) else content
        for name, content in files.items()
    }
    return made.tar(encoded)


def jar(*packages: str, **more: bytes) -> bytes:
    """A jar with the properties that Maven writes, of `group:artifact:version` each."""
    members: dict[str, bytes | None] = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", **more}
    for package in packages:
        group, artifact, version = package.split(":")
        members[f"META-INF/maven/{group}/{artifact}/pom.properties"] = (
            f"#Created by Maven\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"
        ).encode()
    return made.zipped(members)


def refs(document: Json) -> list[str]:
    return [each["bom-ref"] for each in document["components"]]


def component(document: Json, ref: str) -> Json:
    return next(each for each in document["components"] if each["bom-ref"] == ref)


def needs(document: Json) -> dict[str, list[str]]:
    return {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}


def told(document: Json) -> list[tuple[str, str]]:
    """What the document says of itself beside what all say."""
    return [
        (each["name"].partition(":")[2], each["value"])
        for each in document["metadata"]["properties"]
    ]
