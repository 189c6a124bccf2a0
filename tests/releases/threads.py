"""Sixty vote threads of our own making, each with what it must count.

A thread is its name, its mails, who is counted with what, and words of the reasons why other
lines do not count. The mail that calls the vote stands before each.
"""

from typing import NamedTuple

from releases import thread as t
from releases import vote_lines as v
from tests.releases.mails import CALL, REPLY, call, flowed, mail, page, parts


class Thread(NamedTuple):
    name: str
    mails: list[bytes]
    counts: dict[str, str]
    reasons: tuple[str, ...] = ()
    opening: bytes | None = None

    @property
    def all(self) -> list[bytes]:
        return [self.opening or call(), *self.mails]


def one(name: str, body: str | dict, counts: str = "", *reasons: str, **more) -> Thread:
    """A thread with one answer, by Ben."""
    said = body if isinstance(body, dict) else {"body": body}
    return Thread(name, [mail("ben", **said, **more)], {"ben": counts} if counts else {}, reasons)


DMARC = '"Ben via dev" <dev@tool.example.org>'
SPF = "pass (mx.example.org: domain designates) envelope-from="

LINES = [
    one("a plain +1", "+1\n", "+1"),
    one("a plain -1", "-1 the notice is missing\n", "-1"),
    one("a plain 0", "0\n", "0"),
    one("a signed zero", "+0 did not look\n", "0"),
    one("a zero with a doubt", "-0 would rather wait\n", "0"),
    one("binding is said", "+1 (binding)\n\nBuilt it.\n", "+1"),
    one("binding without a blank", "+1(binding)\n", "+1"),
    one("non-binding is said", "+1 (non-binding), thanks\n", "+1"),
    one("a vote inside a sentence", "So my vote is +1, thank you.\n", "+1"),
    one("indented", "    +1\n", "+1"),
    one("in bold", "*+1* (binding)\n", "+1"),
    one("in bold of Markdown", "**-1** as it does not build\n", "-1"),
    one("half a vote", "-0.5 as it is slow\n", "", v.NO_VOTE),
    one("half a vote for it", "+0.9\n", "", v.NO_VOTE),
    one("more than one", "+1.5\n", "", v.NO_VOTE),
    one("a thousand", "+1000!\n", ""),
    one("a blank inside", "+ 1\n", "", v.NO_VOTE),
    one("two kinds on a line", "I change my -1 to +1.\n", "", v.AMBIGUOUS),
    one("both with a slash", "+1/-1, what do you think?\n", "", v.AMBIGUOUS),
    one("a ticked box", "[x] +1 Release it\n[ ] 0\n[ ] -1 Do not\n", "+1", v.OFFERED),
    one("empty boxes", "[ ] +1\n[] -1\n( ) 0\n", "", v.OFFERED),
    one("talk of votes", "We need 3 +1 votes, and no -1 votes.\n", "", v.OFFERED),
    one("talk of a count", "We have three binding +1, two more +1 help.\n", "", v.OFFERED),
    one("a time zone", "I look at it tonight, UTC +1.\n", "", v.TIME_ZONE),
    one("an option of a program", "ran head -10 and xargs -P1 on it\n", ""),
    one("no vote at all", "Thank you, I will look at it.\n", ""),
    one("the same vote twice", "+1 for the source\n+1 for the binaries\n", "+1"),
    one("two votes in one message", "+1 to the source\n\n-1 to the binaries\n", "", t.SEVERAL),
]

TEXTS = [
    one("quoted with an answer above", "+1\n" + REPLY, "+1", v.QUOTED),
    one("quoted alone", REPLY, "", v.QUOTED),
    one("an answer below what is quoted", REPLY + "\n+1 (binding)\n", "+1", v.QUOTED),
    one("a broken line of a quotation", REPLY + "+1 from everybody\n", "", v.AFTER_QUOTE),
    one("talk below what is quoted", REPLY + "\nSomebody said +1.\n", "", v.AFTER_QUOTE),
    one(
        "an older mail without marks",
        "+1\n\nFrom: Ann\nSubject: x\n\n-1 from me\n",
        "+1",
        v.AFTER_END,
    ),
    one("underscores before an older mail", "0\n________________\n-1 from me\n", "0", v.AFTER_END),
    one("an unmarked quotation", "On Mon, Ann wrote:\n-1 from me\n", "", v.AFTER_END),
    one("a signature", "Thanks\n-- \n+1 234 567 phone\n", "", v.AFTER_END),
    one("a vote in a signature", "+1\n-- \n-1 is my motto\n", "+1", v.AFTER_END),
    one("HTML only", page("<p>+1 (binding)</p><p>Ben</p>"), "+1"),
    one(
        "HTML with a quotation",
        page("<div>0</div><blockquote>-1 from me</blockquote>"),
        "0",
        v.QUOTED,
    ),
    one(
        "HTML of a web mailer",
        page('<div dir="ltr">+1</div><div class="gmail_quote"><div>-1</div></div>'),
        "+1",
        v.QUOTED,
    ),
    one("HTML with entities", page("<b>&#43;1</b>&nbsp;(binding)<br>Ben"), "+1"),
    one(
        "HTML with broken tags",
        page("<blockquote><div>-1 no</blockquote><p>+1 yes"),
        "+1",
        v.QUOTED,
    ),
    one("text and HTML", parts(("text/plain", "+1"), ("text/html", "<p>-1</p>")), "+1"),
    one(
        "an attached vote",
        parts(
            ("text/plain", "see there"),
            ('text/plain; name="a"\r\nContent-Disposition: attachment', "+1"),
            kind="mixed",
        ),
        "",
    ),
    one(
        "a forwarded mail",
        parts(
            ("text/plain", "as she said"), ("message/rfc822", "From: a@b\r\n\r\n+1"), kind="mixed"
        ),
        "",
    ),
    one(
        "format=flowed",
        flowed("I have built it and ran the tests, and all \nis well: my vote is \n+1 then.\n"),
        "+1",
    ),
    one(
        "flowed and quoted",
        flowed("0\n\n> I think that we should say \n> +1 to it\n"),
        "0",
        v.QUOTED,
    ),
    one("flowed in a script without blanks", flowed("+ \n1\n", "; delsp=yes"), "+1"),
    one("quoted-printable", "+1 =\n", "+1", encoding="quoted-printable"),
    one("base64", "+1 ä\n", "+1", encoding="base64"),
    one(
        "another charset",
        "+1 für mich\n",
        "+1",
        charset="utf-16",
        kind="text/plain; charset=utf-16",
        encoding="base64",
    ),
    one("a charset that lies", b"+1 f\xfcr mich\n", "+1", kind="text/plain; charset=utf-8"),
    one("a charset that there is not", "+1\n", "+1", kind="text/plain; charset=klingon"),
    one("a keyboard of another script", "＋１（賛成）\n", "+1"),
    one("a typographical minus", "−1 (binding)\n", "-1"),
    one(
        "signed in the clear",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- -1 no notice\n"
        "-----BEGIN PGP SIGNATURE-----\n\n+1aB\n",
        "-1",
    ),
]

PEOPLE = [
    Thread(
        "a changed vote",
        [mail("ben", "-1\n"), mail("ben", "+1 now\n", hour=2)],
        {"ben": "+1"},
        (t.CHANGED,),
    ),
    Thread(
        "later by the clock, not by the list",
        [mail("ben", "+1\n", hour=5), mail("ben", "-1\n")],
        {"ben": "+1"},
        (t.CHANGED,),
    ),
    Thread(
        "an unclear mail takes the place of a vote",
        [mail("ben", "+1\n"), mail("ben", "+1\n-1\n", hour=2)],
        {},
        (t.CHANGED, t.SEVERAL),
    ),
    Thread(
        "a result in the middle",
        [
            mail("ben"),
            mail("ann", "It passed.\n", hour=2, subject="[RESULT] [VOTE] x"),
            mail("cat", hour=3),
        ],
        {"ben": "+1"},
        (t.AFTER_RESULT,),
    ),
    Thread(
        "a vote in the subject",
        [mail("ben", "Great.\n", subject="+1 Re: [VOTE] x")],
        {},
        (t.IN_SUBJECT,),
    ),
    Thread(
        "the caller votes in the call",
        [],
        {"ann": "+1"},
        (v.OFFERED,),
        call(CALL + "\n+1 (binding) from me.\n"),
    ),
    Thread(
        "a call that speaks of votes in many words",
        [],
        {},
        (v.OFFERED, v.IN_CALL),
        call(CALL + "\nIt is open: until 3 binding +1 are in.\nYour +1 helps.\n"),
    ),
    Thread(
        "a call that offers without boxes",
        [],
        {},
        (t.CHOICES_OFFERED,),
        call("Please vote:\n+1 yes\n0 no opinion\n-1 no\n"),
    ),
    Thread(
        "the list put its address for DMARC",
        [mail(DMARC, Received_SPF=f"{SPF}ben@example.org")],
        {"ben": "+1"},
    ),
    Thread(
        "the list put the sender into Cc",
        [mail(DMARC, Cc="dev@tool.example.org, Ben <ben@example.org>")],
        {"ben": "+1"},
    ),
    Thread("the list put .invalid behind", [mail("Ben <ben@example.org.invalid>")], {"ben": "+1"}),
    Thread("an account of the foundation", [mail("Uma <UMA@Apache.org>")], {"uma": "+1"}),
    Thread("a name that is no account", [mail("Mallory <nobody@apache.org>")], {"Mallory": "+1"}),
    Thread("a stranger", [mail("Zoe <zoe@elsewhere.net>")], {"Zoe": "+1"}),
    Thread(
        "a name in another script", [mail("=?utf-8?b?6YOO?= <rou@elsewhere.net>")], {"郎": "+1"}
    ),
    Thread("nobody", [mail("undisclosed <>@", ident="<n@x>")], {}, (t.NO_SENDER,)),
    Thread("no date", [mail("ben", date="")], {}, (t.NO_DATE,)),
    Thread(
        "a mail that came twice",
        [mail("ben", ident="<a@x>"), mail("ben", ident="<a@x>", X_List="two")],
        {"ben": "+1"},
        (t.COPY,),
    ),
    Thread(
        "everybody",
        [mail("ben"), mail("cat", "+1 (binding)\n"), mail("dan", "-1\n"), mail("eve", "0\n")],
        {"ben": "+1", "cat": "+1", "dan": "-1", "eve": "0"},
    ),
]
