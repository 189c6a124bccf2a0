"""Who may get mail: what a policy names, and no address that the site does not write to."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

ADDRESSES = (
    *("vote_recipients", "vote_cc", "vote_bcc"),
    *("announce_recipients", "announce_cc", "announce_bcc"),
)


@dataclass(frozen=True, slots=True)
class Recipients:
    """To whom one mail goes: to whom it is, who gets a copy, and who gets one unseen."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        return (*self.to, *self.cc, *self.bcc)

    @property
    def seen(self) -> tuple[str, ...]:
        """Those whom the mail itself names."""
        return (*self.to, *self.cc)

    def once(self) -> "Recipients":
        """Each address once, where it stands first; its case is no other address."""
        known: set[str] = set()
        kept = []
        for each in (self.to, self.cc, self.bcc):
            new: dict[str, str] = {}
            for address in each:
                if address.lower() not in known:
                    new.setdefault(address.lower(), address)
            known |= set(new)
            kept.append(tuple(new.values()))
        return Recipients(*kept)

    def as_json(self) -> dict[str, list[str]]:
        return {"to": list(self.to), "cc": list(self.cc), "bcc": list(self.bcc)}

    @classmethod
    def of_json(cls, said: dict[str, list[str]]) -> "Recipients":
        return cls(*(tuple(said.get(name, ())) for name in ("to", "cc", "bcc")))


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def is_deliverable(address: str) -> bool:
    """Whether the site writes to this address at all: it may be told to keep to some domains."""
    domain = address.rpartition("@")[2].lower()
    known: Iterable[str] = settings.MAIL_TO_DOMAINS
    return not known or any(domain == each or domain.endswith(f".{each}") for each in known)


def check_address(address: str) -> None:
    """Raise ValidationError, with a sentence, for what is no address or not one of ours."""
    try:
        validate_email(address)
        address.encode("ascii")  # the servers of lists take no other
    except (ValidationError, UnicodeEncodeError, AttributeError, TypeError):
        raise ValidationError(
            f"{address!r} is no mail address. Write one address a line."
        ) from None
    if not is_deliverable(address):
        raise ValidationError(
            f"{address} is not at {' or '.join(settings.MAIL_TO_DOMAINS)}: this site sends no "
            "mail elsewhere."
        )


def check_addresses(name: str, text: str) -> None:
    """The same for a field of addresses, one a line."""
    for address in lines_of(text):
        try:
            check_address(address)
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None
