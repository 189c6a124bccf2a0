"""Mails that are shown before they go: what every preview has in common."""

import pytest

from releases.views import calling, finish, mails, resolving

PREVIEWS = [calling.CallVotePreview, resolving.ResolvePreview, finish.AnnouncePreview]


@pytest.mark.parametrize("view", PREVIEWS)
def test_a_preview_answers_for_its_verb_and_never_runs_it(view) -> None:
    assert issubclass(view, mails.MailVerb)
    assert view.post is mails.Preview.post
    assert "run" not in vars(mails.Preview)
    assert not {"run", "form_valid"} & {*mails.Preview.post.__code__.co_names}


@pytest.mark.parametrize("view", PREVIEWS)
def test_a_preview_asks_for_the_right_of_its_verb(view) -> None:
    assert view.policy == view.__mro__[2].policy != "public"
