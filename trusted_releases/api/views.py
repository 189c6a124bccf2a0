"""What is under /api and no endpoint: the schema, its page, and addresses that do not exist."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from trusted_releases.api.bodies import is_readable, refusal
from trusted_releases.api.schema import document

AN_HOUR = "public, max-age=3600"


@method_decorator(csrf_exempt, name="dispatch")
class Told(View):
    """What can be read, and nothing else: other methods are refused as everywhere in the API."""

    policy: ClassVar[str] = "public"
    http_method_names = ["get", "head"]

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        answer = refusal(405, f'Method "{request.method}" not allowed.')
        answer.headers["Allow"] = "GET, HEAD"
        return answer


class Schema(Told):
    """The schema, for programs."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest) -> HttpResponse:
        headers = {"Cache-Control": AN_HOUR}
        return HttpResponse(document(is_readable()), "application/json", headers=headers)


class Docs(TemplateResponseMixin, ContextMixin, Told):
    """The schema, for people: every endpoint, to read and to try."""

    policy: ClassVar[str] = "public"
    template_name = "api/docs.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render_to_response(self.get_context_data())


@method_decorator(csrf_exempt, name="dispatch")
class NotThere(View):
    """Any other address under /api: JSON, as every answer there."""

    policy: ClassVar[str] = "public"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refusal(404, "There is no such address in this API. /api/docs lists all there are.")
