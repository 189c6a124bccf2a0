"""The second round of a podling's vote, as it is called unless somebody says otherwise."""

from projects.models import Recipients, User
from releases import texts
from releases.models import Release, Vote
from releases.models.rounds import Second, second_lists
from releases.models.timed import Ending

LONGEST_SUBJECT = 200  # characters
MARK = " (second round)"
TOLD = """\
This is the second round. {committee} has voted on these very files, and the vote passed:
{links}

What members of {above} voted there counts here as well, until they vote again.
"""


def second_of(
    release: Release, person: User, *, to: str = "", ending: Ending | None = None
) -> Second | None:
    """What follows a vote that passes; None where nothing does, and the release goes on.

    `to` is the list for its mail, else the one that was named when the first round was called, else
    the parent's own.
    """
    first = release.vote
    if first is None or not first.is_first or first.committee.parent is None:
        return None
    lists = [to, first.second_to, *second_lists(first.committee)]
    chosen = next(each for each in lists if each)
    subject, body = second_mail(first, person)
    return Second(subject, body, Recipients((chosen,)), ending or Ending())


def second_mail(first: Vote, person: User) -> texts.Pair:
    """Subject and body of the mail that calls it.

    It is the project's own mail again, to its parent, with what has come before at its end.
    """
    release, above = first.release, first.committee.parent
    hours = int((first.ends_at - first.called_at).total_seconds() // 3600) if first.ends_at else 0
    values = {
        **texts.vote_values(release, person, hours),
        "COMMITTEE": str(above),
        "REVISION": str(first.revision.number),
        "MANIFEST": first.manifest_digest,
        "BINDING_NEEDED": str(first.binding_needed),
    }
    subject, body = texts.filled(texts.vote_templates(release), values)
    pages = [first.get_absolute_url(), texts.result_page(first)]
    links = [*(texts.absolute(each) for each in pages), first.thread_link]
    told = TOLD.format(
        committee=first.deciding_committee,
        above=above,
        links="\n".join(each for each in links if each),
    )
    room = LONGEST_SUBJECT - len(MARK)
    return subject[:room] + MARK, f"{body.rstrip()}\n\n{told}"
