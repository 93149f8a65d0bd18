"""Write the tables of keys of the guide, in both languages, from the registry of actions."""

from __future__ import annotations

from pathlib import Path

from deskcrm.actions import cheat_sheet

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "guide"
PAGES = {
    "en": (
        GUIDE / "keys.md",
        "# Keys",
        "Written by `python -m tools.keys` from `deskcrm/actions.py`. `^K` is ctrl+k. Letters and "
        "digits work while no field has the focus; the F-keys and chords also while Chinese is "
        "typed. Own keys go into the settings: see [Settings](settings.md).",
    ),
    "zh_CN": (
        GUIDE / "zh" / "keys.md",
        "# 按键一览",
        "由 `python -m tools.keys` 根据 `deskcrm/actions.py` 生成。`^K` 即 ctrl+k。字母和数字键在"
        "光标不在输入框时有效；F 键和组合键在使用中文输入法时同样有效。",
    ),
}


def page(language: str) -> str:
    """The page of one language."""
    _path, title, about = PAGES[language]
    return f"{title}\n\n{about}\n\n```text\n{cheat_sheet(language)}```\n"


def main() -> None:
    for language, (path, _title, _about) in PAGES.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    main()
