"""A form that is too large is refused before its body is read, whoever sends it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from trusted_releases.lib.uploads import Bounded

LOGIN = "/accounts/login/"


def form(size: int) -> dict[str, object]:
    return {"login": "x", "password": "y", "file": SimpleUploadedFile("f", b"x" * size)}


@pytest.mark.django_db
@pytest.mark.parametrize("checks", [True, False])
def test_nobody_fills_the_disk_by_a_form(settings, checks: bool) -> None:
    settings.MAX_FORM_SIZE = 10_000
    client = Client(enforce_csrf_checks=checks)
    client.get(LOGIN)  # whose cookie makes the check look for its token in the body
    assert client.post(LOGIN, form(10_000)).status_code == 400
    assert client.post(LOGIN, form(1_000)).status_code == (403 if checks else 200)


def test_the_body_of_a_form_that_is_too_large_is_not_read(settings) -> None:
    class Untouched(io.BytesIO):
        def read(self, *args: int) -> bytes:
            raise AssertionError("the body was read")

    settings.MAX_FORM_SIZE = 10
    request = RequestFactory().post(LOGIN, {"file": SimpleUploadedFile("f", b"x" * 11)})
    request.environ["wsgi.input"] = request._stream = Untouched()
    with pytest.raises(Exception, match="10 are allowed"):
        request.POST.get("file")


def test_files_within_bounds_arrive(settings) -> None:
    assert settings.FILE_UPLOAD_HANDLERS[0] == f"{Bounded.__module__}.{Bounded.__name__}"
    content = b"0123456789" * 500_000  # more than is kept in memory
    request = RequestFactory().post(LOGIN, {"file": SimpleUploadedFile("f", content)})
    assert request.FILES["file"].read() == content
