"""Where an older mail begins in the text of a newer one, as mail programs of many languages say.

Lines that are marked as quoted need none of this. Some programs mark nothing: what tells their
quotations is the line before, and it is written in the language of whoever answers.
"""

import re

LONGEST = 300  # characters of a line that names an author

# "On … wrote:", where it names a time, or stands alone at the end of a line that was broken.
_WROTE = (
    r"(?:wrote|writes|schrieb|schreibt|écrit|escribió|scritto|escreveu|schreef|skrev|napsal|"
    r"napisał|kirjoitti|написал|пишет|yazd\u0131|写道|寫道)"
)
_WHEN = r"(?:\d[:.h/-]\d|\d{4})"
_AUTHOR = (
    re.compile(r".*<[^<>\s@]+@[^<>\s@]+>\)?.{0,60}[:\uff1a]\s*\Z"),
    re.compile(rf"(?=.*{_WHEN}).*{_WROTE}.{{0,150}}[:\uff1a]\s*\Z"),
    re.compile(rf"(?:a |ha )?{_WROTE}\s?[:\uff1a]\s*\Z"),
)
_BROKEN = re.compile(r"<[^<>\s@]+@[^<>\s@]+>\s*\Z")  # in three lines: the address is the second
_FROM = re.compile(
    r"\*{0,2}(?:From|Von|De|Da|Van|Fra|Från|Od|От|发件人|寄件者|差出人)\s?[:\uff1a]", re.IGNORECASE
)
_RULER = re.compile(
    r"-{2,}\s?(?![\s-]|BEGIN PGP).{0,60}?(?:message|nachricht|mail|correo|mensaje|messaggio|"
    r"mensagem|bericht|сообщение|письмо|邮件|郵件|メッセージ|original).{0,20}?\s?-{2,}\s*\Z"
    r"|-{2,}\s?(?:original|原始邮件|邮件原件)\s?-{2,}\s*\Z"
    r"|begin forwarded message:",
    re.IGNORECASE,
)


def names_author(text: str) -> bool:
    """Whether it says who wrote what follows."""
    text = text.rstrip()[-LONGEST:]
    return text.endswith((":", "\uff1a")) and any(each.match(text) for each in _AUTHOR)


def goes_on(text: str) -> bool:
    """Whether it can be the rest of such a line, which a program has broken."""
    return bool(_BROKEN.match(text)) or names_author(text)


def begins_older(text: str) -> bool:
    """Whether nothing from here on is of who sent the mail."""
    return bool(_FROM.match(text) or _RULER.match(text))
