"""The demo's mailbox."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.http import Http404
from django.views.generic import TemplateView

from releases.mail import Mailbox

MAILS_SHOWN = 100
LONGEST_MAIL = 1 << 20  # bytes of a mail that are read for its page


class MailboxPage(TemplateView):
    """The demo's mail, newest first. Nothing has left the machine."""

    policy = "public"
    template_name = "site/mailbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not settings.DEMO:
            raise Http404("The mailbox is part of the demo only.")
        files = sorted(Mailbox.directory().glob("*.eml"), reverse=True)
        mails = [self.shown(path.read_bytes()[:LONGEST_MAIL]) for path in files[:MAILS_SHOWN]]
        return super().get_context_data(**kwargs) | {"mails": mails, "count": len(files)}

    def shown(self, content: bytes) -> dict[str, Any]:
        mail = message_from_bytes(content, EmailMessage, policy=policy.default)
        names = ("From", "To", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References")
        body = mail.get_body(("plain",))
        return {
            "subject": mail["Subject"],
            "headers": [(name, mail[name]) for name in names if mail[name]],
            "is_reply": bool(mail["In-Reply-To"]),
            "body": body.get_content() if body else "",
        }
