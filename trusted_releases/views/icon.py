"""The icon where browsers look for it unasked."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.views.generic import RedirectView


class Icon(RedirectView):
    """/favicon.ico leads to the icon that pages name."""

    policy = "public"

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("site/icon.svg")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().get(request, *args, **kwargs)
        patch_cache_control(answer, public=True, max_age=86_400)
        return answer
