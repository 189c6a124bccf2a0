"""Templates use what their mail will know, and nothing else."""

import pytest
from django.core.exceptions import ValidationError

from projects.models.mail_templates import TEMPLATES, VARIABLES, check_template


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_may_use_all_that_its_mail_knows(name: str) -> None:
    check_template(name, " ".join(f"{{{{{word}}}}}" for word in TEMPLATES[name]))


def test_a_variable_of_another_mail_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValidationError, match=r"no variable 'TALLY' here\. There are: PROJECT"):
        check_template("vote_body", "So far: {{TALLY}}")


def test_every_variable_is_explained_to_people() -> None:
    assert {word for words in TEMPLATES.values() for word in words} == set(VARIABLES)
