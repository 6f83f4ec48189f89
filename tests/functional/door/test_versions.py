# SPDX-License-Identifier: Apache-2.0
"""Same id and version, edits, stale versions: alone, in one batch, after a restart."""

from __future__ import annotations

from tests.support.door import item, opened


def _ids(answer):
    return [one["decision"]["decision_id"] for one in answer.json()["results"]]


def test_the_same_content_gets_the_first_decision_again(client) -> None:
    first = client.decide(id="p-1", version=2)["decision"]
    assert client.decide(id="p-1", version=2)["decision"] == first


def test_other_content_under_the_same_version_is_a_conflict(client) -> None:
    client.decide(id="p-1")
    error = client.refused(item(id="p-1", text="Something else."))
    assert (error["status"], error["code"], error["field"]) == (409, "version_conflict", "version")
    assert error["fix"]
    assert error["request_id"]


def test_an_edit_is_screened_anew_and_names_what_it_supersedes(client) -> None:
    first = client.decide(id="p-1", version=1)["decision"]
    second = client.decide(id="p-1", version=2, text="Edited.")["decision"]
    assert second["supersedes"] == first["decision_id"]
    assert second["decision_id"] != first["decision_id"]
    assert client.get(f"/v1/decisions/{first['decision_id']}").json()["decision"] == first


def test_a_lower_version_after_a_higher_one_is_recorded_and_changes_nothing(client) -> None:
    client.decide(id="p-1", version=3)
    late = client.decide(id="p-1", version=2, text="zorblax quendor")["decision"]
    assert late["stale"] is True
    assert late["actions"] == []
    assert late["outcome"] == "allow"
    assert late["verdicts"]


def test_an_earlier_version_sent_again_after_an_edit_gets_its_own_first_decision(client) -> None:
    first = client.decide(id="p-1", version=1)["decision"]
    client.decide(id="p-1", version=2, text="Edited.")
    assert client.decide(id="p-1", version=1)["decision"] == first
    error = client.refused(item(id="p-1", version=1, text="Something else."))
    assert error["code"] == "version_conflict"


def test_a_stale_version_sent_again_gets_its_first_decision(client) -> None:
    client.decide(id="p-1", version=3)
    late = client.decide(id="p-1", version=2, text="Late.")["decision"]
    assert client.decide(id="p-1", version=2, text="Late.")["decision"] == late


def test_versions_of_one_item_in_one_batch_follow_each_other(client) -> None:
    items = [item(version=n, text=f"Version {n}.") for n in (1, 2, 3)]
    answer = client.post({"items": items})
    first, second, third = (one["decision"] for one in answer.json()["results"])
    assert [one["supersedes"] for one in (first, second, third)] == [
        None,
        first["decision_id"],
        second["decision_id"],
    ]
    assert not any(one["stale"] for one in (first, second, third))
    again = client.decide(version=2, text="Version 2.")["decision"]
    assert again == second


def test_a_lower_version_behind_a_higher_one_in_one_batch_is_stale(client) -> None:
    items = [item(version=2, text="New."), item(version=1, text="Old.")]
    second, first = (one["decision"] for one in client.post({"items": items}).json()["results"])
    assert (second["stale"], first["stale"]) == (False, True)
    assert client.decide(version=2, text="New.")["decision"] == second
    assert (
        client.decide(version=3, text="Newer.")["decision"]["supersedes"] == second["decision_id"]
    )


def test_the_same_item_twice_in_one_batch_is_decided_once(client) -> None:
    one, other = _ids(client.post({"items": [item(), item()]}))
    assert one == other


def test_the_same_version_twice_in_one_batch_with_other_content_is_a_conflict_of_the_second(
    client,
) -> None:
    results = client.post({"items": [item(), item(text="Other.")]}).json()["results"]
    assert results[0]["decision"]["outcome"] == "allow"
    assert results[1]["error"]["code"] == "version_conflict"
    assert results[1]["error"]["field"] == "items[1].version"


def test_a_conflict_in_a_batch_of_one_does_not_refuse_the_batch(client) -> None:
    client.decide()
    answer = client.post({"items": [item(text="Other.")]})
    assert answer.status_code == 200
    assert answer.json()["results"][0]["error"]["field"] == "items[0].version"


def test_two_services_may_use_the_same_ids(client) -> None:
    one = client.decide(service="agora")["decision"]
    other = client.decide(service="forum", text="Another.")["decision"]
    assert one["decision_id"] != other["decision_id"]


def test_versions_are_remembered_across_a_restart(settings, clock) -> None:
    with opened(settings, clock) as client:
        first = client.decide(version=1)["decision"]
        second = client.decide(version=2, text="Edited.")["decision"]
    with opened(settings, clock) as client:
        assert client.decide(version=1)["decision"] == first
        assert client.decide(version=2, text="Edited.")["decision"] == second
        assert client.refused(item(version=2))["status"] == 409
        third = client.decide(version=3, text="Again.")["decision"]
        assert third["supersedes"] == second["decision_id"]
