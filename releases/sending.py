"""Sending a mail to whoever has not got it: each recipient by itself, and none because of another.

The server takes a mail before our database knows: a worker that is killed between the two sends it
again. Both carry one Message-ID, by which lists and readers know them as one; and the attempt is
written down before it is made, so that the outbox says that this may have happened.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.timezone import now

from projects.models.recipients import check_address
from releases.models import Delivery, Message
from trusted_releases.ledger.jobs import Later, RunningJob
from trusted_releases.ledger.limits import Limit, TooMany, spend
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.smtp import Answer, FlowedMail, Unreachable, posting

State = Delivery.State
AFTER_ANOTHER = 10  # seconds; nobody gets a mail from two jobs at once


class NotYet(Exception):
    """Some recipients could not be served for now. The job tries again."""


def send(message: Message, mail: FlowedMail, running: RunningJob) -> bool:
    """Hand the mail to the server for all who wait for it. False when the job is somebody else's.

    Raises `Later` when a list has had its share for now, `NotYet` when the server puts somebody
    off or cannot be reached: what has been taken by then is written down.
    """
    if message.is_sent_by_another(running.pk):
        # Each after a time of its own, so that two that wait for each other do not meet again.
        raise Later(AFTER_ANOTHER + running.pk % 7, "Another job hands this mail over just now.")
    waiting = {each.address: each for each in message.deliveries.waiting()}
    if not waiting:
        return True
    now_, wait = _served_now(waiting)
    if not running.still_mine():
        return False
    answers = _hand_over(message, mail, now_, running) if now_ else {}
    if wait:
        raise Later(wait, f"Lists have had their share of mail for now; {len(waiting)} waited.")
    if put_off := [f"{to}: {answer}" for to, answer in answers.items() if not _is_final(answer)]:
        raise NotYet(f"The server put off {len(put_off)}: {'; '.join(put_off[:5])}")
    return True


def _hand_over(
    message: Message, mail: FlowedMail, to: list[str], running: RunningJob
) -> dict[str, Answer]:
    """Ask the server, and write down what it said before it is asked for the next ones."""
    rows = message.deliveries.filter(address__in=to)
    if interrupted := rows.filter(tried_at__gt=F("since")).count():
        running.log(
            f"An earlier attempt may have reached {interrupted} of {len(to)}: its end is unknown. "
            "If it did, they get the mail twice, with one Message-ID."
        )
    answers: dict[str, Answer] = {each: refused for each in to if (refused := _not_ours(each))}
    if answers:
        record(message, answers, running)
    asked = [each for each in to if each not in answers]
    try:
        if asked:
            with posting() as post:
                for portion in post.portions(asked):
                    trying = {"tried_at": now(), "attempts": F("attempts") + 1}
                    rows.filter(address__in=portion).update(**trying)
                    said = post(mail, portion)
                    record(message, said, running)
                    answers |= said
    except Unreachable as error:
        rows.waiting().update(said=f"The server could not be used: {error}"[:520])
        raise NotYet(f"The server could not be used: {error}") from error
    return answers


def record(message: Message, answers: dict[str, Answer], running: RunningJob) -> None:
    """What the server said of each recipient, in one transaction."""
    at = now()
    with running.holding():
        # The draft may have been deleted meanwhile, and its messages with it: events stay.
        for address, answer in answers.items():
            said = {"state": _state(answer), "said": str(answer), "since": at}
            message.deliveries.filter(address=address).update(**said)
        taken = sum(answer.is_taken for answer in answers.values())
        refused = sorted(to for to, answer in answers.items() if answer.is_refused)
        if taken:
            Message.objects.filter(pk=message.pk).update(sent_at=at)
            _tell(message, Tag.MAIL_SENT, recipients=taken)
        if refused:
            _tell(message, Tag.MAIL_REFUSED, recipients=len(refused))


def _tell(message: Message, tag: Tag, **facts: int) -> None:
    Event.objects.record(
        tag,
        by=None,
        subject=message.release,
        release=message.release,
        subject_line=message.subject,
        message_id=message.message_id,
        **facts,
    )


def _served_now(waiting: dict[str, Delivery]) -> tuple[list[str], int]:
    """Whose share is not used up, and in how many seconds to come back for the others."""
    limit = Limit(settings.MAIL_PER_LIST)
    served, wait = [], 0
    for address in waiting:
        try:
            spend(f"list:{address.lower()}", "mail.list", limit)
        except TooMany as error:
            wait = max(wait, error.wait)
        else:
            served.append(address)
    return served, wait


def _not_ours(address: str) -> Answer | None:
    """What a policy names was looked at when it was written; settings may have changed since."""
    try:
        check_address(address)
    except ValidationError as error:
        return Answer(550, f"Not sent from here: {error.messages[0]}")
    return None


def _is_final(answer: Answer) -> bool:
    return answer.is_taken or answer.is_refused


def _state(answer: Answer) -> str:
    if answer.is_taken:
        return State.SENT
    return State.REFUSED if answer.is_refused else State.WAITING
