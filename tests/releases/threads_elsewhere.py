"""Vote threads as mail programs of other languages and habits write them, beside the sixty."""

from releases import thread as t
from releases import vote_lines as v
from tests.releases.mails import REPLY, mail, page, parts
from tests.releases.threads import LINES, PEOPLE, TEXTS, Thread, one

QUOTED = "> please vote\n> [ ] +1 Release it\n> -1 from me\n"
BROKEN = "On Mon, 2 Mar 2026 at 09:00, Ann Archer of Long Name\n<ann@example.org> wrote:\n"
THREE = "On Mon, 2 Mar 2026 at 09:00, Ann Archer of Long Name via dev\n<dev@example.org>\nwrote:\n"

# What stands above a quotation that nothing marks as one.
AUTHORS = {
    "German": "Am Mo., 2. März 2026 um 09:00 Uhr schrieb Ann Archer <ann@example.org>:",
    "German without an address": "Am 02.03.26 um 09:00 schrieb Ann Archer:",
    "French": "Le lun. 2 mars 2026 à 09:00, Ann Archer <ann@example.org> a écrit :",
    "French, broken": "Le lun. 2 mars 2026 à 09:00, Ann Archer <ann@example.org> a\nécrit :",
    "Spanish": "El lun, 2 mar 2026 a las 9:00, Ann Archer (<ann@example.org>) escribió:",
    "Italian": "Il giorno lun 2 mar 2026 alle ore 09:00 Ann <ann@example.org> ha scritto:",
    "Portuguese": "Em seg., 2 de mar. de 2026 às 09:00, Ann <ann@example.org> escreveu:",
    "Dutch": "Op ma 2 mrt 2026 om 09:00 schreef Ann <ann@example.org>:",
    "Russian": "пн, 2 мар. 2026 г. в 09:00, Ann <ann@example.org>:",
    "Chinese": "Ann <ann@example.org> 于2026年3月2日周一 09:00写道：",
    "English, broken": BROKEN.strip(),
    "English with At": 'At 2026-03-02 09:00:00, "Ann" <ann@example.org> wrote:',
    "a block of headers": "*From:* Ann\n*Sent:* Monday\n*Subject:* x",
    "a German block": "Von: Ann\nGesendet: Montag\nBetreff: x",
    "a French block": "De : Ann\nEnvoyé : lundi\nObjet : x",
    "a Chinese block": "发件人: Ann\n主题: x",
    "a German ruler": "-----Ursprüngliche Nachricht-----",
    "a French ruler": "-----Message d'origine-----",
    "a short ruler": "---- Original Message ----",
    "a ruler of a web mailer": "------------------ 原始邮件 ------------------",
    "a forwarded mail": "---------- Forwarded message ---------",
    "a forwarded mail in German": "-------- Weitergeleitete Nachricht --------",
}

UNMARKED = [
    thread
    for name, author in AUTHORS.items()
    for thread in (
        one(f"an older mail below a vote: {name}", f"+1\n\n{author}\n\n-1 no\n", "+1", v.AFTER_END),
        one(f"an older mail alone: {name}", f"Seen.\n\n{author}\n\n-1 no\n", "", v.AFTER_END),
    )
]

BELOW = [
    one("below, and the author is on two lines", f"{BROKEN}{QUOTED}\n+1 (binding)\n", "+1"),
    one("below, and the author is on three lines", f"{THREE}{QUOTED}\n+1 (binding)\n", "+1"),
    one(
        "below a quotation in German",
        f"{AUTHORS['German']}\n{QUOTED}\n+1 (binding)\n",
        "+1",
        v.QUOTED,
    ),
    one(
        "a broken line of a quotation in German",
        f"{AUTHORS['German']}\n{QUOTED}+1 from everybody\n",
        "",
        v.AFTER_QUOTE,
    ),
    one("words that name no author", "I ran the 3 tests that Ann wrote:\n- all\n\n+1\n", "+1"),
    one("a title of one's own", "---- My vote ----\n+1\n", "+1"),
    one("a sentence with an address", "+1 as said by Ann <ann@example.org>:\n", "+1"),
]

MORE = [
    one("a telephone number", "Thanks\nBen\nTel: +1 555 123 4567\n", "", v.PHONE),
    one("a telephone number alone", "Thanks\n+1 (555) 123-4567\n", "", v.PHONE),
    one("a vote and a telephone number", "+1 call me: +1-555-123-4567\n", "+1"),
    one("against it, and a telephone number", "-1 call me: +1-555-123-4567\n", "-1"),
    one("a vote and a date", "+1 2026-11-22 tested\n", "+1"),
    one("an empty text beside HTML", parts(("text/plain", " \n"), ("text/html", "+1")), "+1"),
    one(
        "HTML above what the list adds",
        parts(("text/html", "<p>+1</p>"), ("text/plain", "To unsubscribe, write.\n"), kind="mixed"),
        "+1",
    ),
    one(
        "HTML before the text",
        parts(("text/html", "<p>+1</p><p>-1</p>"), ("text/plain", "+1\n")),
        "+1",
    ),
    one(
        "HTML of a German web mailer",
        page("<div>+1</div><hr><div><b>Von:</b> Ann<br></div><div>-1 no</div>"),
        "+1",
        v.AFTER_END,
    ),
    one("a veto by its name", "-1 (veto)\n\nbecause\n", "-1"),
    one("agreeing with somebody", "+1 to what Ann said\n", "+1"),
    one("with a picture of a thumb", "+1 \N{THUMBS UP SIGN}\n", "+1"),
    one("a thumb alone", "\N{THUMBS UP SIGN}\n", ""),
]

RESULTS = [
    Thread(
        f"a result as {subject}",
        [
            mail("ben"),
            mail("ann", "It passed.\n" + REPLY, hour=2, subject=subject),
            mail("cat", hour=3),
        ],
        {"ben": "+1"},
        (t.AFTER_RESULT,),
    )
    for subject in ("[VOTE RESULT] x", "[VOTE] [RESULTS] x", "[ Result ] [VOTE] x")
]

THREADS = [*LINES, *TEXTS, *PEOPLE, *UNMARKED, *BELOW, *MORE, *RESULTS]
