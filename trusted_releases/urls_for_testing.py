"""Every address of the site, and those for clients under test. Only test mode loads it."""

from django.urls import path

from trusted_releases import urls
from trusted_releases.views import testing

handler400 = urls.handler400
handler500 = urls.handler500

TESTING = [
    path("test/activate-project", testing.ActivateProject.as_view(), name="test-activate-project"),
    path("test/archive-project", testing.ArchiveProject.as_view(), name="test-archive-project"),
    path("api/test/activate-project", testing.ActivateProject.as_view()),
    path("api/test/archive-project", testing.ArchiveProject.as_view()),
]

urlpatterns = [*TESTING, *urls.urlpatterns]
