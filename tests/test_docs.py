"""The documentation against the code: commands, keys, links, pictures, targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from deskcrm.actions import ACTIONS, key_label
from deskcrm.cli import _FLAGS, _WITH_VALUE, _program
from deskcrm.i18n import LANGUAGES, translate_into
from tools.keys import PAGES, page
from tools.pictures import LANGUAGES as PICTURED
from tools.pictures import NARROW_SHOTS, PICTURES, WIDE_SHOTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PROSE = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OPTION = re.compile(r"`(--[a-z-]+)")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands() -> dict[str, Any]:
    """Every command by its full name."""

    def walk(command: Any, name: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        below = getattr(command, "commands", None)
        if below is None:
            yield " ".join(name), command
            return
        for word, one in below.items():
            yield from walk(one, (*name, word))

    return dict(walk(typer.main.get_command(_program()), ()))


def described() -> dict[str, str]:
    """The section of ``cli.md`` about every command; one section may be about several."""
    found = {}
    for section in re.split(r"^### ", CLI, flags=re.MULTILINE)[1:]:
        heading, _newline, body = section.partition("\n")
        for name in re.findall(r"`([^`]+)`", heading):
            found[name] = body.partition("\n## ")[0]
    return found


def test_every_command_is_described_and_every_described_command_exists() -> None:
    assert set(described()) == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_the_table_of_a_command_names_its_options_and_no_others(name: str) -> None:
    rows = [line.split(" | ")[0] for line in described()[name].splitlines() if line[:1] == "|"]
    options = [one for one in commands()[name].params if one.param_type_name == "option"]
    exist = {word for one in options for word in (*one.opts, *one.secondary_opts)} - {"--help"}
    assert {word for row in rows for word in OPTION.findall(row)} == exist


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_that_takes_arguments_is_shown_with_them(name: str) -> None:
    taken = [one for one in commands()[name].params if one.param_type_name == "argument"]
    if taken:
        shown = re.findall(r"`([a-z][^`]*)`", CLI)
        words = [one.name.upper() if one.required else f"[{one.name.upper()}]" for one in taken]
        assert any(one.startswith(f"{name} {' '.join(words)}") for one in shown)


def test_every_global_option_is_described_and_no_other() -> None:
    table = CLI.partition("## For every command")[2].partition("| exit code")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("|")]
    described_options = {word for row in rows for word in OPTION.findall(row)}
    assert described_options == {*_WITH_VALUE, *_FLAGS, "--help"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_keys_is_fresh_and_has_every_action(language: str) -> None:
    text = PAGES[language][0].read_text(encoding="utf-8")
    assert text == page(language), "run python -m tools.keys"
    for action in ACTIONS.values():
        keys = " ".join(key_label(key) for key in action.keys)
        title = translate_into(language, action.title)
        assert re.search(rf"^  {re.escape(keys)} +{re.escape(title)}$", text, re.MULTILINE)


@pytest.mark.parametrize("path", PROSE, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        if link.startswith(("http:", "https:")):
            continue
        name, _mark, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}


def test_every_picture_is_taken_shown_and_needs_nothing_from_elsewhere() -> None:
    shots = [shot.name for shot in (*WIDE_SHOTS, *NARROW_SHOTS)]
    taken = {f"{name}.{language}.svg" for name in shots for language in PICTURED}
    assert {one.name for one in PICTURES.iterdir()} == taken
    shown = " ".join(path.read_text(encoding="utf-8") for path in PROSE)
    for name in taken:
        svg = (PICTURES / name).read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\"' )]+", svg)) == {"http://www.w3.org/2000/svg"}
        assert "@font-face" not in svg
        assert "@import" not in svg
        assert f"/{name}" in shown


def test_every_make_target_that_is_mentioned_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for path in PROSE:
        text = path.read_text(encoding="utf-8")
        mentioned = re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE)
        assert set(mentioned) <= targets, named(path)


def test_no_page_names_a_package_host() -> None:
    hosts = re.compile(r"pypi|pythonhosted|index-url|npmjs|jsdelivr|unpkg|cdnjs|conda", re.I)
    for path in PROSE:
        assert not hosts.search(path.read_text(encoding="utf-8")), named(path)
