#!/usr/bin/env python3
"""Counts a vote again from its result bundle, and compares. It needs Python and nothing else.

    python3 recount.py result.json

What it does: reads the bundle; takes of each voter the last vote; counts the votes of those who
were on the roster as binding; applies the rule (so many binding +1, more binding +1 than -1, and
the time over); and compares with what the bundle says came out. It prints the bundle's digest,
which the result mail quotes. Podlings vote in two rounds: the bundle of the second holds that of
the first, which is counted again as well, and votes of the first round that were carried into the
second are looked up in it. Exit status: 0 when all agrees, 1 when anything differs, 2 when the
file is no bundle.

It shares no code with the site that made the bundle: two programs have to agree.
"""

import hashlib
import json
import sys
from datetime import datetime

CHOICES = ("+1", "0", "-1")


def votes_of(bundle):
    """Every vote: who, what, when, and what settles which of two at one instant came later."""
    for ballot in bundle["ballots"]:
        yield ballot["voter"], ballot["choice"], when(ballot["at"]), ballot["order"]
    for mail in (bundle.get("mail") or {}).get("entries", ()):
        if mail["choice"] in CHOICES and not mail["reason"]:
            yield mail["voter"], mail["choice"], when(mail["at"]), 0


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def last_votes(bundle):
    """Of each voter the last vote that was given in this round itself."""
    last: dict[str, tuple] = {}
    for voter, choice, at, order in votes_of(bundle):
        if choice not in CHOICES:
            raise ValueError(f"{choice!r} is no vote")
        if voter not in last or (at, order) > last[voter][:2]:
            last[voter] = (at, order, choice)
    return {voter: choice for voter, (_, _, choice) in last.items()}


def carried(bundle):
    """The votes of the first round that count in this one: of those whose votes bind here, and who
    have not voted here."""
    first = bundle.get("first")
    if not first:
        return {}
    here, roster = last_votes(bundle), set(bundle["binding_voters"])
    return {
        voter: choice
        for voter, choice in last_votes(first).items()
        if voter in roster and voter not in here
    }


def counted(bundle):
    """The sums of binding and of other votes, each voter once, with the last vote."""
    last = last_votes(bundle) | carried(bundle)
    roster = set(bundle["binding_voters"])
    sums = {"binding": [0, 0, 0], "other": [0, 0, 0]}
    for voter, choice in last.items():
        sums["binding" if voter in roster else "other"][CHOICES.index(choice)] += 1
    return sums


def passes(bundle, sums):
    """Whether the count is enough, and whether the time was over as well."""
    yes, _, no = sums["binding"]
    enough = yes >= bundle["rule"]["binding_needed"] and yes > no
    ends = bundle["rule"]["ends_at"]
    return enough, enough and (ends is None or when(bundle["at"]) >= when(ends))


def differences(bundle):
    """What does not agree, as sentences."""
    if bundle.get("mode") == "manual":
        return  # people counted it elsewhere: the bundle says where, and there is nothing to count
    sums = counted(bundle)
    enough, passed = passes(bundle, sums)
    said = bundle["tally"]
    for kind, found in sums.items():
        told = [said[kind][name] for name in ("for_it", "abstain", "against")]
        if told != found:
            yield f"{kind} votes: the bundle says {told}, counted again {found} (+1, 0, -1)"
    yield from outcome_differences(bundle, enough, passed)
    yield from round_differences(bundle)


def round_differences(bundle):
    """What does not agree between a second round and the first."""
    told = {each["voter"]: each["choice"] for each in bundle.get("carried", ())}
    found = carried(bundle)
    for voter in sorted({*told, *found}):
        if told.get(voter) != found.get(voter):
            yield (
                f"carried vote of {voter}: the bundle says {told.get(voter)}, "
                f"looked up again {found.get(voter)}"
            )
    first = bundle.get("first")
    if bundle.get("round") == 2 and not first:
        yield "it is a second round, and the bundle lacks the first"
    if first:
        if first["outcome"] != "passed" or first.get("round") != 1:
            yield "what stands for the first round is none that passed"
        if first["manifest"] != bundle["manifest"]:
            yield "the first round was on other files"
        yield from (f"first round: {each}" for each in differences(first))


def outcome_differences(bundle, enough, passed):
    """What the rule says of the count, beside what the bundle says."""
    said = bundle["tally"]
    for name, found in (("enough", enough), ("passes", passed)):
        if said[name] != found:
            yield f"{name}: the bundle says {said[name]}, counted again {found}"
    if bundle.get("at_will"):
        return  # a test of a client, whose votes end as it likes: never on a real site
    if bundle["outcome"] == "passed" and not passed:
        yield "the bundle says that the vote passed, and by its rule it did not"
    if bundle["outcome"] == "failed" and enough:
        yield "the bundle says that the vote failed, and it had what it takes"


def canonical(value):
    """The bytes that the digest of a bundle is of."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def tell(bundle, content, sums):
    say(f"digest    sha256:{hashlib.sha256(content).hexdigest()}")
    for name in ("project", "version", "vote", "revision", "manifest", "mode", "outcome"):
        say(f"{name:<9} {bundle.get(name)}")
    for kind in ("binding", "other"):
        say(f"{kind:<9} +1: {sums[kind][0]}  0: {sums[kind][1]}  -1: {sums[kind][2]}")
    if bundle.get("first"):
        names = ", ".join(f"{voter} {choice}" for voter, choice in sorted(carried(bundle).items()))
        say(f"carried   {names or 'none'}")


def say(text, to=None):
    (to or sys.stdout).write(f"{text}\n")


def main(arguments):
    if len(arguments) != 2:
        say(__doc__, sys.stderr)
        return 2
    try:
        with open(arguments[1], "rb") as file:
            content = file.read()
        bundle = json.loads(content)
        found = list(differences(bundle))
        sums = counted(bundle)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        say(f"This is no result bundle: {error!r}", sys.stderr)
        return 2
    tell(bundle, content, sums)
    if first := bundle.get("first"):
        say("first round:")
        tell(first, canonical(first), counted(first))
    for sentence in found:
        say(f"DIFFERS: {sentence}")
    say("differs" if found else "agrees")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
