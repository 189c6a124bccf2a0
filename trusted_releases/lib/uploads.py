"""What a form may send, before anybody knows who sends it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class Bounded(FileUploadHandler):
    """Refuses a form of more than settings.MAX_FORM_SIZE bytes before its body is read.

    Django bounds the fields of a form but not its files, and reads them all for its check against
    cross-site requests: every page that takes a POST would fill the disk for anybody. The page that
    takes large files reads its body itself and does not come here. It stands first among
    settings.FILE_UPLOAD_HANDLERS and leaves the files to those that follow.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.MAX_FORM_SIZE:
            raise RequestDataTooBig(
                f"This form has {content_length} bytes; {settings.MAX_FORM_SIZE} are allowed."
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
