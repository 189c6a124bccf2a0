"""Mails that the platform has sent about releases."""

from django.db import models


class Message(models.Model):
    """One mail, made from one event: the same event never makes a second one.

    `message_id` follows from the event, so that a mail which a dying worker sent twice is
    recognisable as one.
    """

    release = models.ForeignKey("Release", models.CASCADE, related_name="messages")
    event = models.PositiveBigIntegerField(unique=True, editable=False)
    message_id = models.CharField(max_length=255, unique=True, editable=False)
    in_reply_to = models.CharField(max_length=255, blank=True, editable=False)
    subject = models.CharField(max_length=250, editable=False)
    body = models.TextField(editable=False)
    sender_name = models.CharField(max_length=200, blank=True, editable=False)
    reply_to = models.EmailField(blank=True, editable=False)
    recipients = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.subject
