"""A day's work by commands: queue, log, follow-ups, undo."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import Command


def test_the_queue_is_ranked_and_says_why(command: Command) -> None:
    answer = command("queue", "--json", "--limit", "5")
    items = answer.json["items"]
    assert answer.code == 0
    assert 0 < len(items) <= 5
    assert [item["rank"] for item in items] == list(range(1, len(items) + 1))
    assert all(item["reasons"] for item in items)
    assert all(isinstance(item["id"], str) for item in items)
    assert set(answer.json["capacity"]) == {"minutes", "day_minutes", "fits"}


def test_a_logged_call_settles_the_item_and_raises_what_was_promised(command: Command) -> None:
    item = command("queue", "--json").json["items"][0]
    answer = command(
        "log",
        item["customer"]["id"],
        "--channel",
        "phone",
        "--outcome",
        "done",
        "--note",
        "-",
        "--next",
        "tomorrow 15:00 callback",
        "--followup",
        item["id"],
        "--json",
        stdin="想了解大额存单",
    )
    assert answer.code == 0
    assert answer.json["followup"] == item["id"]
    assert answer.json["followup_state"] == "done"
    assert answer.json["next"]["rule"] == "callback"
    assert answer.json["next"]["due_at"].startswith("2026-11-24T")
    shown = command("queue", "--json").json["items"]
    assert item["id"] not in {row["id"] for row in shown}


def test_a_call_without_a_next_step_or_a_reason_is_refused(command: Command) -> None:
    item = command("queue", "--json").json["items"][0]
    answer = command(
        "log", item["customer"]["id"], "--channel", "phone", "--outcome", "done", "--json"
    )
    assert answer.code == 1
    assert answer.json["error"] == "invalid"
    assert "next" in answer.json["message"]


def test_what_was_done_can_be_taken_back(command: Command) -> None:
    before = command("queue", "--json").json
    item = before["items"][0]
    deferred = command("followup", "defer", item["id"], "+3d", "--json").json
    assert deferred["defer_until"] == "2026-11-26"
    assert command("queue", "--json").json["total"] == before["total"] - 1
    assert command("undo", "--json").json["action"] == "followup.defer"
    assert command("queue", "--json").json["total"] == before["total"]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["done", "ID"], "done"),
        (["snooze", "ID", "+2h"], "open"),
        (["dismiss", "ID", "--reason", "customer moved away"], "dismissed"),
        (["transfer", "ID", "supervisor"], "open"),
    ],
)
def test_every_way_to_work_a_follow_up(command: Command, words: list[str], state: str) -> None:
    item = command("queue", "--json").json["items"][0]
    answer = command(
        "followup", *[item["id"] if word == "ID" else word for word in words], "--json"
    )
    assert answer.code == 0
    assert answer.json["state"] == state


def test_a_follow_up_can_be_added_in_words(command: Command) -> None:
    customer = command("queue", "--json").json["items"][0]["customer"]["id"]
    added = command("followup", "add", customer, "下周一", "--title", "送资料", "--json")
    assert added.json["due_on"] == "2026-11-30"
    assert added.json["title"] == "送资料"


def test_a_date_that_is_not_understood_changes_nothing(command: Command) -> None:
    item = command("queue", "--json").json["items"][0]
    answer = command("followup", "defer", item["id"], "asap maybe", "--json")
    assert answer.code == 2
    assert command("undo", "--json").code == 1


def test_a_second_scan_raises_nothing(command: Command) -> None:
    command("scheduler", "run", "--once")
    again = command("scheduler", "run", "--once", "--json")
    assert again.code == 0
    assert again.json["raised"] == 0
    assert {row["rule"] for row in again.json["rules"]} >= {"callback", "quarterly_update"}


def test_the_next_day_s_scan_raises_more(command: Command) -> None:
    later = command("--today", "2027-02-20", "scheduler", "run", "--once", "--json")
    assert later.json["raised"] > 0


def test_json_is_one_object_on_standard_output(command: Command) -> None:
    for words in (["queue"], ["find", "王"], ["audit", "verify"], ["scheduler", "run", "--once"]):
        answer = command(*words, "--json")
        assert isinstance(json.loads(answer.out), dict), words
        assert answer.out.count("\n") == 1
