"""The themes: dark, light, high contrast, and one for people who do not tell red from green.

``NO_COLOR`` is honoured by Textual, which then draws the same themes in grey.
"""

from __future__ import annotations

from textual.theme import Theme

from deskcrm.i18n import N_

TITLES = {
    "dark": N_("Dark"),
    "light": N_("Light"),
    "high-contrast": N_("High contrast"),
    "colour-blind": N_("Colour-blind safe"),
}

THEMES = (
    Theme(
        name="dark",
        dark=True,
        primary="#5b9bd5",
        secondary="#7f8fa6",
        accent="#e0b050",
        foreground="#d8dee6",
        background="#12161c",
        surface="#1a2028",
        panel="#222a34",
        success="#6fbf73",
        warning="#e0b050",
        error="#f07070",
    ),
    Theme(
        name="light",
        dark=False,
        primary="#1f5f9f",
        secondary="#5a6878",
        accent="#8a5a00",
        foreground="#1a1f26",
        background="#f6f7f9",
        surface="#ffffff",
        panel="#e6eaef",
        success="#1f7a33",
        warning="#8a5a00",
        error="#b3261e",
    ),
    Theme(
        name="high-contrast",
        dark=True,
        primary="#00bfff",
        secondary="#ffffff",
        accent="#ffff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
        success="#00ff5f",
        warning="#ffff00",
        error="#ff8080",
        text_alpha=1.0,
    ),
    # Blue, orange and yellow of Okabe and Ito (2008), told apart with every kind of colour vision.
    Theme(
        name="colour-blind",
        dark=True,
        primary="#56b4e9",
        secondary="#999999",
        accent="#f0e442",
        foreground="#e6e6e6",
        background="#14171c",
        surface="#1c2026",
        panel="#262b33",
        success="#56b4e9",
        warning="#f0e442",
        error="#e69f00",
    ),
)


def after(name: str) -> str:
    """The name of the theme that follows ``name``."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
