"""What all our mail has in common."""

from trusted_releases.lib.mail import message_id


def test_a_message_id_follows_from_the_event_and_a_secret(settings) -> None:
    known = message_id(7)
    assert known == message_id(7) != message_id(8)
    assert known.endswith(f"@{settings.MAIL_DOMAIN}>")
    settings.SECRET_KEY = "another" * 10
    assert message_id(7) != known
