"""Addresses that cannot exist are not found, before a database is asked."""

import pytest
from django.urls import Resolver404, resolve, reverse

from releases.models.release import VERSION
from trusted_releases.lib import converters


@pytest.mark.parametrize("version", ["1.0", "2.0.0-alpha.1", "1+2", "x" * 64])
def test_every_version_has_an_address(version):
    assert VERSION.match(version)
    address = reverse("releases:detail", args=["tool", version])
    assert resolve(address).kwargs == {"project": "tool", "version": version}


@pytest.mark.parametrize("version", ["1\0", "1 0", "-1", "é", "x" * 65, "%"])
def test_what_is_no_version_has_none(version):
    with pytest.raises(Resolver404):
        resolve(f"/releases/tool/{version}/")


@pytest.mark.parametrize("path", ["a\0b", "a b", "a\nb", "ä", "a\\b"])
@pytest.mark.parametrize("where", ["/releases/tool/1.0/files/", "/downloads/tool/tool/1.0/"])
def test_what_is_no_path_of_a_file_has_none(where, path):
    with pytest.raises(Resolver404):
        resolve(where + path)


def test_every_character_of_a_path_is_in_its_address():
    assert converters.FileConverter().to_url("a-b_c+d~(e)/f.tar.gz") == "a-b_c+d~(e)/f.tar.gz"
    args = ["tool", "1.0", "a-b_c+d~(e)/f.tar.gz"]
    assert resolve(reverse("releases:file", args=args)).kwargs["path"] == args[-1]
