from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deskcrm.vault import errors
from deskcrm.vault.device_secret import NO_ENTRY
from deskcrm.vault.header import (
    Header,
    Slot,
    header_mac,
    load_header,
    parse_header,
    save_header,
    serialise,
)
from deskcrm.vault.keyslots import (
    VaultKeys,
    add_officer,
    begin_rotation,
    end_rotation,
    new_header,
    new_keys,
    remove_officer,
    set_password,
    set_recovery_code,
    unlock,
    unlock_with_code,
)
from deskcrm.vault.policy import KdfCost, default_policy
from deskcrm.vault.recovery_code import new_recovery_code
from tests.vault.boxes import CHEAP, POLICY

KEYS = VaultKeys(bytes(range(32)), bytes(range(32, 64)))
CODE = new_recovery_code()
DEVICE = bytes(range(64, 96))


def same(keys: VaultKeys, others: VaultKeys = KEYS) -> bool:
    return (keys.data_key, keys.ledger_key) == (others.data_key, others.ledger_key)


def sealed(header: Header, keys: VaultKeys = KEYS) -> Header:
    return replace(header, mac=header_mac(header, keys.data_key))


@pytest.fixture(scope="module")
def header() -> Header:
    made = add_officer(new_header("支行"), KEYS, "wang", "pass one", device=DEVICE, cost=CHEAP)
    made = add_officer(made, KEYS, "li", "pass two", device=NO_ENTRY, cost=CHEAP)
    return sealed(set_recovery_code(made, KEYS, CODE))


def test_every_slot_yields_the_same_keys(header: Header) -> None:
    assert same(unlock(header, "wang", "pass one", device=DEVICE).keys)
    assert same(unlock(header, "li", "pass two", device=NO_ENTRY).keys)
    assert same(unlock(header, "li", "pass two", device=DEVICE).keys)
    assert same(unlock_with_code(header, CODE.lower().replace("-", " ")).keys)


def test_what_does_not_fit_opens_nothing(header: Header) -> None:
    with pytest.raises(errors.WrongPasswordError):
        unlock(header, "wang", "pass two", device=DEVICE)
    with pytest.raises(errors.WrongPasswordError):
        unlock(header, "li", "pass one", device=NO_ENTRY)
    with pytest.raises(errors.WrongDeviceError):
        unlock(header, "wang", "pass one", device=DEVICE[::-1])
    with pytest.raises(errors.WrongDeviceError):
        unlock(header, "wang", "pass one", device=NO_ENTRY)
    with pytest.raises(errors.RecoveryCodeWrongError):
        unlock_with_code(header, new_recovery_code())


def test_neither_keys_nor_passwords_show_in_representations(header: Header) -> None:
    shown = repr(KEYS) + repr(unlock(header, "li", "pass two", device=NO_ENTRY)) + repr(header)
    assert KEYS.data_key.hex() not in shown
    assert repr(KEYS.data_key)[2:-1] not in shown


def test_the_key_file_round_trips(header: Header, tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    saved = save_header(path, header, KEYS.data_key)
    assert load_header(path, POLICY) == saved
    assert saved.generation == header.generation + 1
    assert (tmp_path / "vault.keys.bak").read_bytes() == path.read_bytes()
    again = save_header(path, saved, KEYS.data_key)
    assert load_header(path, POLICY).generation == again.generation == 2


def change_slot(header: Header, **changes: Any) -> Header:
    return replace(header, slots=(replace(header.slots[0], **changes), *header.slots[1:]))


TAMPERINGS: list[Callable[[Header], Header]] = [
    lambda h: replace(h, branch="another"),
    lambda h: replace(h, generation=h.generation + 1),
    lambda h: replace(h, slots=h.slots[:-1]),
    lambda h: replace(h, slots=(*h.slots, h.slots[1])),
    lambda h: replace(h, slots=h.slots[::-1]),
    lambda h: replace(h, mac=bytes(32)),
    lambda h: replace(h, slots=(h.slots[0], replace(h.slots[1], login="zhao"), h.slots[2])),
    lambda h: replace(h, epoch=h.epoch + 1),
    lambda h: change_slot(h, keys=bytes(112)),
    lambda h: change_slot(h, keys=h.slots[1].keys),
    lambda h: change_slot(h, former_keys=h.slots[0].keys),
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=range(len(TAMPERINGS)))
def test_a_changed_header_is_tampered_with(
    header: Header, tamper: Callable[[Header], Header]
) -> None:
    changed = parse_header(serialise(tamper(header)), "vault.keys", POLICY)
    with pytest.raises(errors.HeaderTamperedError):
        unlock(changed, "wang", "pass one", device=DEVICE)


BOUND: list[dict[str, Any]] = [
    {"id": "0" * 16},
    {"salt": bytes(16)},
    {"public_key": bytes(32)},
    {"private_key": bytes(60)},
    {"cost": KdfCost(16, 1, 1)},
]


@pytest.mark.parametrize("changes", BOUND, ids=[next(iter(change)) for change in BOUND])
def test_a_wrapped_key_is_bound_to_its_slot(header: Header, changes: dict[str, Any]) -> None:
    with pytest.raises(errors.WrongPasswordError):
        unlock(change_slot(header, **changes), "wang", "pass one", device=DEVICE)


@pytest.mark.parametrize(
    "cost",
    [
        KdfCost(8, 3, 1),
        KdfCost(65536, 1, 1),
        KdfCost(65536, 3, 0),
        KdfCost(1 << 30, 3, 1),
        KdfCost(65536, 1000, 1),
        KdfCost(-1, 3, 1),
    ],
)
def test_a_cost_below_the_floor_or_above_the_bound_is_never_computed(
    header: Header, cost: KdfCost
) -> None:
    strong = tuple(slot.cost and replace(slot, cost=default_policy().cost) for slot in header.slots)
    slots = tuple(new or old for new, old in zip(strong, header.slots, strict=True))
    fine = replace(header, slots=slots)
    assert parse_header(serialise(fine), "vault.keys", default_policy()) == fine
    with pytest.raises(errors.HeaderDamagedError, match="out of bounds"):
        parse_header(serialise(change_slot(fine, cost=cost)), "vault.keys", default_policy())


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\x00" * 100, b"[" * 100_000, b"\xff\xfe{}", b'{"magic":"x"}'],
)
def test_what_is_no_key_file_is_damaged(content: bytes) -> None:
    with pytest.raises(errors.HeaderDamagedError):
        parse_header(content, "vault.keys", POLICY)


def test_values_of_other_types_are_damaged(header: Header) -> None:
    def paths(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        if isinstance(value, dict):
            return [p for k, v in value.items() for p in paths(v, (*at, k))]
        if isinstance(value, list):
            return [p for i, v in enumerate(value) for p in paths(v, (*at, i))]
        return [at]

    content = json.loads(serialise(header))
    for *folders, last in paths(content):
        for bad in (None, True, -1, 1.5, "", "zz", [], {}, 10**400):
            changed = json.loads(serialise(header))
            place = changed
            for step in folders:
                place = place[step]
            if place[last] == bad:
                continue
            place[last] = bad
            with pytest.raises(errors.HeaderDamagedError):
                parse_header(json.dumps(changed).encode(), "vault.keys", POLICY)


def test_300_cut_off_or_overwritten_key_files_open_nothing(header: Header) -> None:
    content, chance = serialise(header), random.Random(7)
    for _ in range(150):
        with pytest.raises(errors.HeaderDamagedError):
            parse_header(content[: chance.randrange(len(content))], "vault.keys", POLICY)
        place = chance.randrange(len(content) - 16)
        noisy = content[:place] + chance.randbytes(16) + content[place + 16 :]
        with pytest.raises(errors.HeaderDamagedError):
            parse_header(noisy, "vault.keys", POLICY)


def test_rotation_needs_no_password_and_ends_with_the_new_key_alone(header: Header) -> None:
    begun, fresh = begin_rotation(header, KEYS, drop=["li"])
    begun = sealed(begun, fresh)
    opened = unlock(begun, "wang", "pass one", device=DEVICE)
    assert same(opened.keys, fresh)
    assert opened.former is not None
    assert same(opened.former)
    assert fresh.ledger_key == KEYS.ledger_key
    assert fresh.data_key != KEYS.data_key
    with pytest.raises(errors.NoSuchOfficerError):
        unlock(begun, "li", "pass two", device=NO_ENTRY)
    ended = sealed(end_rotation(begun), fresh)
    assert unlock_with_code(ended, CODE).former is None
    with pytest.raises(errors.HeaderTamperedError):
        unlock(
            replace(begun, mac=header_mac(begun, KEYS.data_key)), "wang", "pass one", device=DEVICE
        )


def test_a_new_password_replaces_the_slot(header: Header) -> None:
    changed = sealed(set_password(header, KEYS, "li", "pass three", device=NO_ENTRY, cost=CHEAP))
    assert same(unlock(changed, "li", "pass three", device=NO_ENTRY).keys)
    with pytest.raises(errors.WrongPasswordError):
        unlock(changed, "li", "pass two", device=NO_ENTRY)
    assert sorted(changed.logins()) == ["li", "wang"]


def test_the_last_officer_stays(header: Header) -> None:
    with pytest.raises(errors.LastOfficerError):
        remove_officer(remove_officer(header, "li"), "wang")


def test_nobody_is_enrolled_twice(header: Header) -> None:
    with pytest.raises(errors.OfficerExistsError):
        add_officer(header, KEYS, "li", "pass two", device=NO_ENTRY, cost=CHEAP)


def test_new_keys_and_slots_are_random() -> None:
    assert len({new_keys().data_key for _ in range(20)}) == 20
    made: list[Slot] = []
    for _ in range(2):
        made += add_officer(new_header("b"), KEYS, "li", "p", device=NO_ENTRY, cost=CHEAP).slots
    assert made[0].salt != made[1].salt
    assert made[0].private_key != made[1].private_key


SAVE_FOR_EVER = """
import sys
from pathlib import Path
from deskcrm.vault.header import load_header, save_header
from tests.vault.boxes import POLICY
path, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
header = load_header(path, POLICY)
print("ready", flush=True)
while True:
    header = save_header(path, header, key)
    print(header.generation, flush=True)
"""


def test_a_kill_while_saving_leaves_the_old_or_the_new_key_file(
    header: Header, tmp_path: Path
) -> None:
    path, chance = tmp_path / "vault.keys", random.Random(11)
    save_header(path, header, KEYS.data_key)
    for _ in range(5):
        command = [sys.executable, "-c", SAVE_FOR_EVER, str(path), KEYS.data_key.hex()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(chance.randrange(2, 12)):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
            said = [int(line) for line in child.stdout.read().split() if line.isdigit()]
        for name in ("vault.keys", "vault.keys.bak"):
            kept = load_header(tmp_path / name, POLICY)
            assert same(unlock(kept, "li", "pass two", device=NO_ENTRY).keys)
        if said:
            assert load_header(path, POLICY).generation in (said[-1], said[-1] + 1)
    save_header(path, load_header(path, POLICY), KEYS.data_key)
    assert sorted(os.listdir(tmp_path)) == ["vault.keys", "vault.keys.bak"]
