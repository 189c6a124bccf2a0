"""The demo's mail."""

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from releases.mail import Mailbox

pytestmark = pytest.mark.django_db


class TestMailbox:
    def test_it_is_part_of_the_demo_only(self, client):
        assert client.get(reverse("mailbox")).status_code == 404

    def test_it_shows_mail_newest_first_with_its_threads(self, client, settings, tmp_path):
        settings.DEMO, settings.DATA_DIR = True, tmp_path
        assert "No mail yet" in client.get(reverse("mailbox")).content.decode()
        first = EmailMessage("[VOTE] Tool", "Please vote.", headers={"Message-ID": "<1@x>"})
        reply = {"Message-ID": "<2@x>", "In-Reply-To": "<1@x>"}
        second = EmailMessage("Re: [VOTE] Tool", "+1 <b>Grüße</b>", headers=reply)
        Mailbox().send_messages([first])
        Mailbox().send_messages([second])
        page = client.get(reverse("mailbox"))
        assert [mail["subject"] for mail in page.context["mails"]] == [
            "Re: [VOTE] Tool",
            "[VOTE] Tool",
        ]
        assert [mail["is_reply"] for mail in page.context["mails"]] == [True, False]
        assert "+1 &lt;b&gt;Grüße&lt;/b&gt;" in page.content.decode()
