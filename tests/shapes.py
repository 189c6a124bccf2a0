"""The objects that clients of the API know, key by key, and a client as strict as they are."""

import json
from typing import Any

from tests.api import Api
from trusted_releases.management.commands.seed_test_client import account

TEXT, NUMBER, YES, ROWS = (str,), (int,), True, [None]
RELEASE = {
    *("key", "phase", "created", "released", "archived", "is_archived", "activity_at", "version"),
    *("inactivity_notice_key", "archive_prior_release", "expedited", "check_cache_key", "sboms"),
    *("project_key", "cycle_key", "package_managers", "release_policy_id", "vote_mode"),
    *("current_vote_seq", "vote_started", "vote_resolved", "podling_thread_id"),
    "latest_revision_number",
}
REVISION = {
    *("key", "release_key", "seq", "number", "asfuid", "created", "phase", "parent_key", "tag"),
    *("description", "merge_base_revision_key", "was_quarantined"),
}
CHECK = {
    *("id", "release_key", "revision_number", "checker", "checker_version", "primary_rel_path"),
    *("member_rel_path", "created", "status", "message", "data", "inputs_hash", "cached"),
}
IGNORE = {
    *("id", "asf_uid", "created", "project_key", "release_glob", "revision_number", "status"),
    *("checker_glob", "primary_rel_path_glob", "member_rel_path_glob", "message_glob"),
}
TASK = {
    *("id", "status", "task_type", "task_args", "inputs_hash", "asf_uid", "added", "scheduled"),
    *("started", "pid", "completed", "result", "error", "project_key", "version_key"),
    *("revision_number", "primary_rel_path"),
}
KEY = {
    *("fingerprint", "algorithm", "length", "created", "latest_self_signature", "expires"),
    *("primary_declared_uid", "secondary_declared_uids", "apache_uid", "ascii_armored_key"),
    *("deleted", "historic_use"),
}
PROJECT = {
    *("key", "name", "status", "super_project_key", "description", "categories", "created"),
    *("programming_languages", "short_description", "homepage", "lifecycle_page", "standards"),
    *("download_page", "bug_database", "mailing_lists", "repositories", "security_contact"),
    *("threat_model_link", "threat_model_src_link", "version_method", "version_pattern"),
    *("cycle_match", "calver_format", "branch_template", "committee_key", "release_policy_id"),
    *("created_by", "updated", "updated_by", "update_type"),
}
SSH_KEY = {"fingerprint", "key", "asf_uid"}
BALLOT = {
    *("voter_asf_uid", "voter_fullname", "choice", "comment", "is_binding", "is_carried"),
    *("vote_round", "revision_number_at_cast", "receipt_message_id", "cast_at"),
}
# Objects that clients read row by row: no other object may stand in them.
TABLES: dict[str, set[str]] = {
    "release": RELEASE,
    "releases": RELEASE,
    "revision": REVISION,
    "revisions": REVISION,
    "checks": CHECK,
    "ignores": IGNORE,
    "task": TASK,
    "key": KEY,
    "keys": KEY,
    "project": PROJECT,
    "data": SSH_KEY,
    "trusted_ballots": BALLOT,
}
MAY_HOLD_MORE = {"task_args", "result", "data"}


class Client:
    """Sends what the client sends, and is as strict as it."""

    def __init__(self) -> None:
        self.api = Api(account("tester"))
        self.seen: set[str] = set()

    def get(self, path: str, keys: dict[str, Any], *, public: bool = True) -> dict[str, Any]:
        """Public addresses are asked without a token."""
        answer = (Api() if public else self.api).get(path)
        assert answer.status_code == 200, (path, answer.content)
        return self._checked(path, answer, keys)

    def post(self, path: str, body: Any, status: int, keys: dict[str, Any]) -> dict[str, Any]:
        answer = self.api.post(path, body)
        assert answer.status_code == status, (path, answer.content)
        return self._checked(path, answer, keys)

    def _checked(self, path: str, answer: Any, keys: dict[str, Any]) -> dict[str, Any]:
        assert answer.headers["Content-Type"] == "application/json"
        content = b"".join(answer) if answer.streaming else answer.content
        body: dict[str, Any] = json.loads(content)
        endpoint = body.pop("endpoint")
        assert path == endpoint or path.startswith(f"{endpoint}/")
        self.seen.add(endpoint)
        assert set(body) == set(keys), path
        for name, wanted in keys.items():
            fits(name, body[name], wanted)
        return body


def fits(name: str, value: Any, wanted: Any) -> None:
    """A value of exactly this type; of objects, with exactly their keys."""
    if isinstance(wanted, tuple):
        assert type(value) in wanted, name
    elif wanted is True:
        assert value is True, name
    else:
        rows = value if isinstance(wanted, list) else [value]
        assert isinstance(rows, list)
        for row in rows:
            if name in TABLES and isinstance(row, dict):
                assert set(row) == TABLES[name], name
                nested = {key for key, each in row.items() if isinstance(each, dict)}
                assert nested <= MAY_HOLD_MORE, name
