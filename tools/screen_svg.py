"""Draw what a Textual app shows as an SVG that needs nothing from elsewhere.

Textual's own export asks a web font for its glyphs, gives every element a random id and counts a
Chinese character as one cell. Here cells are placed on a grid of their own, wide characters take
two cells, and lines of boxes are drawn as lines, so that they meet with any font.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip

from deskcrm.rules.text import cell_width

CELL, LINE, FONT = 8.4, 18, 14
"""Width and height of a cell and size of the font, in pixels."""

BASELINE = 13.5
FONTS = (
    "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', "
    "'PingFang SC', 'Microsoft YaHei', monospace"
)
_SIDES = {
    "─": "lr", "━": "lr", "│": "ud", "┃": "ud",
    "╭": "rd", "┌": "rd", "╮": "ld", "┐": "ld", "╰": "ru", "└": "ru", "╯": "lu", "┘": "lu",
    "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru", "┼": "lrud",
}  # fmt: skip
"""Which sides of its cell a line character reaches: left, right, up, down."""

_BLOCKS = {
    "█": (0.0, 0.0, 1.0, 1.0), "▀": (0.0, 0.0, 1.0, 0.5), "▄": (0.0, 0.5, 1.0, 0.5),
    "▌": (0.0, 0.0, 0.5, 1.0), "▐": (0.5, 0.0, 0.5, 1.0), "▎": (0.0, 0.0, 0.25, 1.0),
    "▊": (0.0, 0.0, 0.75, 1.0), "▁": (0.0, 0.875, 1.0, 0.125), "▔": (0.0, 0.0, 1.0, 0.125),
    "▏": (0.0, 0.0, 0.125, 1.0), "▕": (0.875, 0.0, 0.125, 1.0), "▇": (0.0, 0.125, 1.0, 0.875),
    "▆": (0.0, 0.25, 1.0, 0.75), "▅": (0.0, 0.375, 1.0, 0.625), "▃": (0.0, 0.625, 1.0, 0.375),
    "▂": (0.0, 0.75, 1.0, 0.25),
}  # fmt: skip
"""Left, top, width and height of a block character, in shares of its cell."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and weight of a run of cells."""

    ink: str
    paper: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False


@dataclass
class _Drawing:
    """The elements of the picture; every look of text gets a class when it first occurs."""

    papers: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    classes: dict[str, str] = field(default_factory=dict)

    def class_of(self, look: Look) -> str:
        """The class of a look, by the properties it sets."""
        rules = [f"fill:{look.ink}"]
        rules += ["font-weight:bold"] * look.bold + ["font-style:italic"] * look.italic
        lines = ["underline"] * look.underline + ["line-through"] * look.strike
        if lines:
            rules.append(f"text-decoration:{' '.join(lines)}")
        return self.classes.setdefault(";".join(rules), f"t{len(self.classes)}")


def screen_svg(app: App[Any], title: str) -> str:
    """The screen of a running app, with what shines through behind a dialog."""
    token = visible_screen_stack.set(app._background_screens)
    try:
        strips = app.screen._compositor.render_strips()
    finally:
        visible_screen_stack.reset(token)
    return svg_of(strips, app.size.width, title)


def svg_of(strips: Sequence[Strip], columns: int, title: str) -> str:
    """The SVG text of lines of styled segments, ``columns`` cells wide."""
    drawing = _Drawing()
    for row, strip in enumerate(strips):
        column = 0
        for segment in strip.simplify():
            column += _draw(drawing, segment, column, row)
    width, height = _px(columns * CELL), _px(len(strips) * LINE)
    style = "".join(f".{name}{{{rules}}}" for rules, name in drawing.classes.items())
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-label={quoteattr(title)}>',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font:{FONT}px {FONTS};white-space:pre}}"
            f"path{{fill:none;stroke-width:1.2}}{style}</style>",
            *drawing.papers,
            *drawing.marks,
            "</svg>",
            "",
        )
    )


def _draw(drawing: _Drawing, segment: Segment, column: int, row: int) -> int:
    """Draw a segment that begins in a column; its width in cells."""
    text = "".join(char for char in segment.text if char >= " ")
    width = cell_width(text)
    look = _look(segment.style or Style())
    if width:
        drawing.papers.append(_rect(column * CELL, row * LINE, width * CELL, LINE, look.paper))
    for start, piece, kind in _pieces(text):
        x, y = (column + start) * CELL, row * LINE
        if kind == "line":
            drawing.marks.append(_lines(piece, x, y, look.ink))
        elif kind == "block":
            drawing.marks += _blocks(piece, x, y, look.ink)
        else:
            drawing.marks.append(_text(piece, kind, x, y, drawing.class_of(look)))
    return width


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """Runs of one kind with the cell they begin in; blanks are left out."""
    start, cell, run, running = 0, 0, "", ""
    for char in text:
        kind = _kind(char)
        if kind != running:
            if run and running != "blank":
                yield start, run, running
            start, run, running = cell, "", kind
        run += char
        cell += cell_width(char)
    if run and running != "blank":
        yield start, run, running


def _kind(char: str) -> str:
    if char == " ":
        return "blank"
    if char in _SIDES:
        return "line"
    if char in _BLOCKS:
        return "block"
    return "wide" if cell_width(char) == 2 else "narrow"


def _text(text: str, kind: str, x: float, y: float, name: str) -> str:
    length = cell_width(text) * CELL
    spread = f' letter-spacing="{_px(2 * CELL - FONT)}"' if kind == "wide" else ""
    return (
        f'<text class="{name}" x="{_px(x)}" y="{_px(y + BASELINE)}" textLength="{_px(length)}"'
        f"{spread}>{escape(text)}</text>"
    )


def _lines(text: str, x: float, y: float, ink: str) -> str:
    """Lines from the middle of each cell to the sides it reaches; level ones are joined."""
    path = []
    if set(text) <= {"─", "━"}:
        path.append(f"M{_px(x)} {_px(y + LINE / 2)}h{_px(len(text) * CELL)}")
        text = ""
    for place, char in enumerate(text):
        left, middle = x + place * CELL, x + (place + 0.5) * CELL
        ends = {
            "l": (left, y + LINE / 2),
            "r": (left + CELL, y + LINE / 2),
            "u": (middle, y),
            "d": (middle, y + LINE),
        }
        path += [
            f"M{_px(middle)} {_px(y + LINE / 2)}L{_px(ends[side][0])} {_px(ends[side][1])}"
            for side in _SIDES[char]
        ]
    return f'<path d="{"".join(path)}" stroke="{ink}"/>'


def _blocks(text: str, x: float, y: float, ink: str) -> list[str]:
    found = []
    for place, char in enumerate(text):
        left, top, width, height = _BLOCKS[char]
        found.append(
            _rect(x + (place + left) * CELL, y + top * LINE, width * CELL, height * LINE, ink)
        )
    return found


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}"'
        f' fill="{fill}" shape-rendering="crispEdges"/>'
    )


def _look(style: Style) -> Look:
    ink, paper = _colour(style, foreground=True), _colour(style, foreground=False)
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = _between(ink, paper)
    return Look(
        _hex(ink),
        _hex(paper),
        bool(style.bold),
        bool(style.italic),
        bool(style.underline),
        bool(style.strike),
    )


def _colour(style: Style, *, foreground: bool) -> tuple[int, int, int]:
    theme = DEFAULT_TERMINAL_THEME
    colour = style.color if foreground else style.bgcolor
    if colour is None:
        return theme.foreground_color if foreground else theme.background_color
    return colour.get_truecolor(theme, foreground=foreground)


def _between(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
