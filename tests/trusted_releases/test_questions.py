"""What people type and paste is understood in every form that programs print it in."""

import pytest

from trusted_releases.questions import LONGEST, MOST_WORDS, Question, read

SHA512 = "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7" * 2
SHA256 = SHA512[:64]
FINGERPRINT = "8a2e51c077b4d1fe63905c21a4b8e7d2f0916c3d"
NAME = "apache-tool-1.0.tar.gz"


def groups(digits: str, size: int = 4) -> str:
    return " ".join(digits[at : at + size] for at in range(0, len(digits), size))


@pytest.mark.parametrize(
    "text",
    [
        SHA512,
        SHA512.upper(),
        f"  {SHA512}\n",
        f"sha512:{SHA512}",
        f"SHA-512: {SHA512}",
        f"sha512={SHA512}",
        groups(SHA512, 8).upper(),
    ],
)
def test_a_digest_in_any_form(text):
    assert read(text) == Question(" ".join(text.split()), SHA512)


@pytest.mark.parametrize(
    "text",
    [
        f"{SHA512}  {NAME}",
        f"{SHA512} *{NAME}",
        f"\\{SHA512}  {NAME}",
        f"{SHA512.upper()}  ./dist/{NAME}\n",
        f"SHA512 ({NAME}) = {SHA512}",
        f"SHA512({NAME})= {SHA512}",
        f"SHA2-512(dist/{NAME})= {SHA512}",
        f"{NAME}: {groups(SHA512, 8).upper()}",
        f"{NAME}:\n{groups(SHA512, 8)[:70]}\n    {groups(SHA512, 8)[70:]}",
    ],
)
def test_a_line_of_a_checksum_file_in_any_form(text):
    found = read(text)
    assert (found.digits, found.name, found.words) == (SHA512, NAME, ())
    assert found.is_whole


def test_a_sha_256_of_a_file_or_a_manifest():
    assert read(f"sha256:{SHA256}").digits == SHA256
    assert read(f"SHA256 ({NAME}) = {SHA256}").name == NAME


@pytest.mark.parametrize(
    "text", [FINGERPRINT, f"0x{FINGERPRINT.upper()}", groups(FINGERPRINT), "0x" + FINGERPRINT]
)
def test_a_fingerprint_in_any_form(text):
    found = read(text)
    assert found.digits == FINGERPRINT
    assert found.is_whole


@pytest.mark.parametrize("text", ["A4B8E7D2F0916C3D", "0xa4b8e7d2f0916c3d", "A4B8 E7D2 F091 6C3D"])
def test_a_key_id(text):
    assert read(text).digits == "a4b8e7d2f0916c3d"


def test_the_beginning_of_a_digest_as_pages_show_it():
    found = read(f"{SHA512[:12]}…")
    assert found.digits == SHA512[:12]
    assert not found.is_whole


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tool 1.0", ("tool", "1.0")),
        ("  apache-tool-1.0.tar.gz ", ("apache-tool-1.0.tar.gz",)),
        ("decade", ("decade",)),  # six digits say nothing
        ("face cafe beef", ("face", "cafe", "beef")),  # words, not a digest in groups
        ("what: deed", ("what:", "deed")),
        ("", ()),
    ],
)
def test_everything_else_is_words(text, words):
    assert read(text) == Question(text.strip(), words=words)


def test_few_digits_may_be_a_name_too():
    assert read("deadbeef") == Question("deadbeef", "deadbeef", words=("deadbeef",))


@pytest.mark.parametrize("text", ["\0a\0", "a\u202eb", "\ud800", "a" * 100_000, "1" * 127 + "g"])
def test_hostile_text_is_bounded_and_plain(text):
    found = read(text)
    assert len(found.text) <= LONGEST
    assert found.text.isprintable()


def test_not_more_words_than_a_database_should_be_asked_for():
    assert len(read("a b c d e f g h i j k l m").words) == MOST_WORDS
