"""Tags are for ever: their form, and that the columns hold them."""

import re

from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag


def test_a_tag_is_short_lower_case_words_with_a_dot_between():
    assert [tag for tag in Tag if not re.fullmatch(r"[a-z]+(_[a-z]+)*(\.[a-z]+)?", tag)] == []
    assert max(map(len, Tag.values)) <= Event._meta.get_field("tag").max_length


def test_every_tag_has_words_of_its_own_for_people():
    assert len(set(Tag.labels)) == len(Tag.labels)
