"""The vectors of RAT about types of documents, each with its number."""

import pytest

from checks.engine.rat import Type, documents
from checks.engine.rat.documents import is_note, is_text, type_of
from tests.checks.engine.rat.test_read import NOTICE2, URL, first


@pytest.mark.parametrize(
    "name",
    [
        f"a.{each}"
        for each in [
            "ts",
            "yml",
            "toml",
            "proto",
            "gradle",
            "xml",
            "svg",
            "html",
            "md",
            "properties",
        ]
    ]
    + ["Makefile", "Dockerfile", "a"],
)
def test_t29_text_without_a_header_is_unknown(name):
    assert first("<a>text</a>\n", name) == "?"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("README", True),
        ("README.txt", True),
        ("readme.TXT", True),
        ("KEYS", True),
        ("DEPENDENCIES", True),
        ("AUTHORS", True),
        ("foo.license.txt", True),
        ("ChangeLog", True),
        ("README.md", False),
        ("CHANGES", False),
        ("AUTHORS.txt", False),
        ("BUILD.TXT", False),
    ],
)
def test_t30_some_names_are_those_of_notices(name, note):
    assert is_note(name) is note
    assert first("text", name) == ("notice" if note else "?")


@pytest.mark.parametrize(
    ("row", "name", "content", "expected"),
    [
        ("T32", "a.py", b"", "?"),
        ("T32", "a.txt", b"", "?"),
        ("T32", "a", b"", "binary"),
        ("T33", "x.jar", b"PK\x03\x04rest", "archive"),
        ("T33", "x.zip", b"PK\x03\x04rest", "archive"),
        ("T33", "x.txt", b"\x1f\x8brest", "archive"),
        ("magic", "x.txt", b"\x89PNG\r\n\x1a\n", "binary"),
        ("magic", "x.png", b"text", "?"),
        ("magic", "x", b"\0\1\2\3" * 99, "binary"),
        ("magic", "x.java", b"\0\1\2\3" * 99, "?"),
        ("script", "x", b"#!/bin/sh\n", "binary"),
        ("script", "x.sh", b"echo\n", "binary"),
        ("script", "x.py", b"#!/usr/bin/env python\n", "binary"),
        ("script", "x.py", b"#!/usr/bin/python\n", "?"),
        ("script", "x.py", b"REM x\n", "binary"),
        ("name", "x.json", b"{}", "binary"),
        ("name", "x.js", b"{}", "?"),
        ("name", "x.json", b'{"a": "<html>"}', "?"),
        ("root", "x.xml", b'<?xml version="1.0"?><!-- c --><rdf:RDF/>', "binary"),
        ("root", "x.xml", b'<?xml version="1.0"?>\n<project/>', "?"),
        ("T47", "a.txt", f"x {URL}".encode("utf-16"), "AL2.0"),
        ("T47", "a.txt", f"\xe9\xe9 {URL}".encode("latin-1"), "AL2.0"),
        ("T47", "a.txt", f"éé “x” {NOTICE2}".encode(), "AL2.0"),
    ],
)
def test_the_type_is_that_of_the_bytes_and_then_that_of_the_name(row, name, content, expected):
    assert first(content, name) == expected


def test_a_type_has_a_name_of_its_own():
    assert {str(each) for each in Type} == {"standard", "notice", "binary", "archive", "generated"}


@pytest.mark.parametrize("code", range(128))
def test_text_has_less_than_two_control_characters_in_a_hundred(code):
    is_control = code < 32 and code not in b"\t\n\r\x0c\x1b"
    sign = bytes((code,))
    assert is_text(sign + b"a" * 99)
    assert is_text(sign * 2 + b"a" * 98) is not is_control


@pytest.mark.parametrize("ext", ["c", "C", "txt", "json", "md", "sql", "license", "unheard"])
@pytest.mark.parametrize(
    "begin",
    [
        *(b"int x;", b"#!/bin/sh\n", b"# x", b"PK\x03\x04", b"From: x", b"F", b"<?xml ?><rss>"),
        *(b" <a>", b"\xef\xbb\xbf<html>", b"\xff\xfe", b"x" * 257 + b"ustar", b""),
    ],
)
def test_what_is_told_quickly_is_what_a_closer_look_says(monkeypatch, ext, begin):
    quickly = type_of(f"x.{ext}", begin)
    monkeypatch.setattr(documents, "_PLAIN", frozenset())
    assert type_of(f"x.{ext}", begin) is quickly
