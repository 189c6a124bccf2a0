"""The rules: what the checks look at, why, and how to mend what they find."""

from typing import Any, ClassVar

from django.http import Http404
from django.views.generic import TemplateView

from checks import guide, rules
from checks.engine.model import Level
from checks.engine.rule import Rule
from checks.listing import DUTIES

# What a project may choose, as its policy page calls it. What is not here is no choice.
READS = {
    "source_paths": "which files are source artifacts",
    "binary_paths": "which files are binary artifacts",
    "download_suffix": "the folder for downloads",
    "license_mode": "which licence checks are asked for",
    "header_excludes": "files that need no header",
    "rat_excludes": "files that RAT leaves out",
    "generated_paths": "files that may differ from the commit",
}


class Rules(TemplateView):
    """Every rule under its subject; `?q=` for those that speak of something."""

    policy: ClassVar[str] = "public"
    template_name = "checks/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("q", "").strip()[:100]
        found = [rule for rule in rules.ALL if _speaks_of(rule, asked)]
        subjects = [
            (subject, [rule for rule in found if guide.of(rule.slug).subject == subject])
            for subject in guide.Subject
        ]
        return super().get_context_data(**kwargs) | {
            "q": asked,
            "found": len(found),
            "of": len(rules.ALL),
            "levels": [(level, *DUTIES[level]) for level in reversed(Level)],
            "subjects": [(subject, ours) for subject, ours in subjects if ours],
        }


def _speaks_of(rule: Rule, asked: str) -> bool:
    """Whether all the words stand somewhere in what people can read about the rule."""
    ours = guide.of(rule.slug)
    fixes = (f"{each.problem} {each.remedy}" for each in ours.fixes)
    text = " ".join([rule.slug, rule.title, rule.policy, ours.looks_at, *fixes]).casefold()
    return all(word in text for word in asked.casefold().split())


class RulePage(TemplateView):
    """One rule: what each of its findings links to."""

    policy: ClassVar[str] = "public"
    template_name = "checks/rule.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by_slug = {rule.slug: rule for rule in rules.ALL}
        rule = by_slug.get(self.kwargs["slug"])
        if rule is None:
            raise Http404("There is no rule of this name. The list of rules has them all.")
        place = rules.ALL.index(rule)
        return super().get_context_data(**kwargs) | {
            "rule": rule,
            "guide": guide.of(rule.slug),
            "reads": [READS[name] for name in rule.reads if name in READS],
            "previous": rules.ALL[place - 1] if place else None,
            "next": rules.ALL[place + 1] if place + 1 < len(rules.ALL) else None,
        }
