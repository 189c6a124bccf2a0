"""What the parts of an address may look like. What cannot exist is not looked for."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class VersionConverter(StringConverter):
    """A release's version: letters and digits with `.`, `-` and `+`, 64 of them at most."""

    regex = r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}"


class FileConverter(StringConverter):
    """A file's path in a release, in the characters that `lib.paths` allows."""

    regex = r"[A-Za-z0-9._+~()/-]{1,1200}"


class FingerprintConverter(StringConverter):
    """A fingerprint of an OpenPGP key, or a key id: hexadecimal."""

    regex = r"[0-9A-Fa-f]{16,64}"


register_converter(VersionConverter, "version")
register_converter(FingerprintConverter, "fingerprint")
register_converter(FileConverter, "file")
