"""Addresses of keys and KEYS files."""

from django.urls import path

from keys.api import certificates as api
from keys.api import exchange
from keys.api import ssh as ssh_api
from keys.views import certificates, committee, credentials, keys_file, passes, ssh, tokens, wkd
from trusted_releases.lib import converters  # noqa: F401  `fingerprint` in addresses

app_name = "keys"
COMMITTEE = "committees/<slug:committee>/"
WORKFLOWS = "projects/<slug:project>/workflows/"

urlpatterns = [
    path("api/jwt/create", exchange.CreateJwt.as_view(), name="api-jwt-create"),
    path("api/key/add", api.AddKey.as_view(), name="api-add-key"),
    path("api/key/delete", api.DeleteKey.as_view(), name="api-delete-key"),
    path("api/key/get/<str:fingerprint>", api.GetKey.as_view(), name="api-key"),
    path("api/keys/upload", api.UploadKeys.as_view(), name="api-upload-keys"),
    path("api/keys/user/<str:person>", api.UserKeys.as_view(), name="api-user-keys"),
    path(
        "api/committee/keys/<str:committee>", api.CommitteeKeys.as_view(), name="api-committee-keys"
    ),
    path("api/ssh-key/add", ssh_api.AddSshKey.as_view(), name="api-add-ssh-key"),
    path("api/ssh-key/delete", ssh_api.DeleteSshKey.as_view(), name="api-delete-ssh-key"),
    path("api/ssh-keys/list/<str:person>", ssh_api.ListSshKeys.as_view(), name="api-ssh-keys"),
    path("accounts/credentials/", credentials.Credentials.as_view(), name="credentials"),
    path("accounts/browsers/<int:pk>/end/", credentials.EndLogin.as_view(), name="end-login"),
    path(
        "accounts/keys/", credentials.MovedToCredentials.as_view(place="openpgp-keys"), name="own"
    ),
    path("accounts/keys/add/", credentials.AddOwn.as_view(), name="add-own"),
    path(
        "accounts/keys/<fingerprint:fingerprint>/take-back/",
        credentials.TakeBack.as_view(),
        name="take-back",
    ),
    path("accounts/tokens/", credentials.MovedToCredentials.as_view(place="tokens"), name="tokens"),
    path("accounts/tokens/make/", tokens.MakeToken.as_view(), name="make-token"),
    path("accounts/tokens/<int:pk>/revoke/", tokens.RevokeToken.as_view(), name="revoke-token"),
    path(
        "accounts/ssh-keys/",
        credentials.MovedToCredentials.as_view(place="ssh-keys"),
        name="ssh-keys",
    ),
    path("accounts/ssh-keys/add/", ssh.AddSshKey.as_view(), name="add-ssh-key"),
    path("accounts/ssh-keys/<int:pk>/remove/", ssh.RemoveSshKey.as_view(), name="remove-ssh-key"),
    path(
        f"{WORKFLOWS}keys/<int:pk>/revoke/",
        passes.RevokeWorkflowKey.as_view(),
        name="revoke-workflow-key",
    ),
    path(
        f"{WORKFLOWS}tickets/<int:pk>/revoke/",
        passes.RevokeTicket.as_view(),
        name="revoke-ticket",
    ),
    path(".well-known/openpgpkey/hu/<str:name>", wkd.DirectoryKey.as_view(), name="wkd-key"),
    path(".well-known/openpgpkey/policy", wkd.DirectoryPolicy.as_view(), name="wkd-policy"),
    path(
        ".well-known/openpgpkey/<str:domain>/hu/<str:name>",
        wkd.DirectoryKey.as_view(),
        name="wkd-domain-key",
    ),
    path(
        ".well-known/openpgpkey/<str:domain>/policy",
        wkd.DirectoryPolicy.as_view(),
        name="wkd-domain-policy",
    ),
    path("keys/<fingerprint:fingerprint>/", certificates.KeyDetail.as_view(), name="detail"),
    path("keys/<fingerprint:fingerprint>.asc", certificates.KeyFile.as_view(), name="file"),
    path(f"{COMMITTEE}KEYS", keys_file.KeysDocument.as_view(), name="document"),
    path(f"{COMMITTEE}keys/", committee.CommitteeKeys.as_view(), name="committee"),
    path(f"{COMMITTEE}keys/export/", keys_file.KeysExport.as_view(), name="export"),
    path(f"{COMMITTEE}keys/care/", committee.CommitteeCare.as_view(), name="care"),
    path(f"{COMMITTEE}keys/history/", keys_file.KeysHistory.as_view(), name="history"),
    path(f"{COMMITTEE}keys/history/KEYS", keys_file.KeysOn.as_view(), name="document-on"),
    path(f"{COMMITTEE}keys/mode/", keys_file.SetMode.as_view(), name="set-mode"),
    path(f"{COMMITTEE}keys/publish/", keys_file.PublishKeys.as_view(), name="publish"),
    path(f"{COMMITTEE}keys/fetch/", keys_file.AskKeys.as_view(), name="fetch"),
    path(f"{COMMITTEE}keys/import/", committee.ImportPage.as_view(), name="import"),
    path(
        f"{COMMITTEE}keys/<fingerprint:fingerprint>/unlink/",
        committee.Unlink.as_view(),
        name="unlink",
    ),
    path(f"{COMMITTEE}keys/<fingerprint:fingerprint>/link/", committee.Link.as_view(), name="link"),
]
