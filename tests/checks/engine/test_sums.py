import pytest

from checks.engine.sums import Entry, Malformed, parse

D = "ab12" * 32
S = "cd34" * 16


@pytest.mark.parametrize(
    "text",
    [
        f"{D}  x.tar.gz\n",
        f"{D} *x.tar.gz\n",
        f"{D}\tx.tar.gz\n",
        f"SHA512 (x.tar.gz) = {D}\n",
        f"SHA512(x.tar.gz)= {D}\n",
        f"SHA2-512(x.tar.gz)= {D}\n",
        f"x.tar.gz: {D}\n",
        f"x.tar.gz: {D[:64]} {D[64:]}\n",
        f"x.tar.gz: {D[:64].upper()}\n          {D[64:].upper()}\n",
    ],
)
def test_forms_with_a_name(text):
    assert parse(text.encode(), "sha512").entries == (Entry(D, "x.tar.gz"),)


@pytest.mark.parametrize("text", [D, f"{D}\n", D.upper(), f"{D[:64]}\n{D[64:]}\n"])
def test_forms_without_a_name(text):
    assert parse(text.encode(), "sha512").entries == (Entry(D),)


def test_the_tagged_form_works_for_sha256_too():
    assert parse(f"SHA256 (x.tar.gz) = {S}".encode(), "sha256").entries == (Entry(S, "x.tar.gz"),)


def test_the_tag_must_fit_the_name_of_the_file():
    with pytest.raises(Malformed, match="says SHA256"):
        parse(f"SHA256 (x.tar.gz) = {S}".encode(), "sha512")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"x" * 70_000, "larger"),
        (D.encode("utf-16"), "UTF-16"),
        (b"\x00" * 128, "NUL"),
        ("afc\uff11".encode(), "not ASCII"),
        (S.encode(), "64 hexadecimal digits; SHA512 has 128"),
        (D.encode() + b"a", "129"),
        (b"<html>404</html>", "No SHA512 digest"),
        (f"x.tar.gz{D}".encode(), "No SHA512 digest"),
        (f"SHA512 (x) = {'zz' * 64}".encode(), "not written in hexadecimal"),
        (f"one {D} or {'0' * 128} two".encode(), "No SHA512 digest"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(content, why):
    with pytest.raises(Malformed, match=why):
        parse(content, "sha512")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + f"{D}  x".encode(),
        f"# comment\n{D}  x".encode(),
        f"\\{D}  x".encode(),
        f"The digest is {D} indeed".encode(),
    ],
)
def test_a_right_digest_in_an_odd_file_is_read_and_the_oddity_named(content):
    read = parse(content, "sha512")
    assert read.entries[0].digest == D
    assert read.oddities
