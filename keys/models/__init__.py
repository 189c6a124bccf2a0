"""Every credential: OpenPGP certificates, and the tokens by which programs come in."""

from keys.models.certificate import Certificate, KeyLink
from keys.models.documents import (
    keys_document,
    keys_on,
    public_document,
)
from keys.models.history import FormerLink, FormerVersion, KeyUse
from keys.models.keys_file import KeysFile
from keys.models.login import Login
from keys.models.parts import PublicKey
from keys.models.signing import SigningKey
from keys.models.spent import SpentToken
from keys.models.ssh import SshKey
from keys.models.token import AccessToken
from keys.models.upload_ticket import UploadTicket
from keys.models.workflow_key import WorkflowSshKey
from keys.models.workflow_pass import WorkflowPass

__all__ = [
    "AccessToken",
    "Certificate",
    "FormerLink",
    "FormerVersion",
    "KeyLink",
    "KeyUse",
    "KeysFile",
    "Login",
    "PublicKey",
    "SigningKey",
    "SpentToken",
    "SshKey",
    "UploadTicket",
    "WorkflowPass",
    "WorkflowSshKey",
    "keys_document",
    "keys_on",
    "public_document",
]
