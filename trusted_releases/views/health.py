"""Whether the product answers, for load balancers and supervisors."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.generic import View

from trusted_releases.ledger.models import WorkerBeat


class Healthz(View):
    """The process answers. It says nothing about what it depends on."""

    policy = "public"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok\n", "text/plain")


class Readyz(View):
    """The database answers, and a worker lives: 503 with what is missing otherwise."""

    policy = "public"

    def get(self, request: HttpRequest) -> JsonResponse:
        try:
            connection.ensure_connection()
            found = {"database": True, "worker": WorkerBeat.objects.alive().exists()}
        except DatabaseError:
            found = {"database": False, "worker": False}
        return JsonResponse(found, status=200 if all(found.values()) else 503)
