"""Labels and values in aligned columns, with long values broken under themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import chop_cells
from textual.content import Content

from deskcrm.rules.text import cell_width, pad
from deskcrm.widgets.text import Shown, plain

LABEL_SHARE = 0.42
GAP = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A label in the language in force and its value; ``style`` is for the value."""

    label: str
    value: Shown
    style: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its pairs, or with a sentence where there are none."""

    title: str
    pairs: Sequence[Pair] = ()
    empty: str = ""


def sections(shown: Iterable[Section], width: int) -> Content:
    """Sections one below the other, within ``width`` terminal cells, their values in one column."""
    listed = [one for one in shown if one.pairs or one.empty]
    labels = [cell_width(plain(pair.label)) for one in listed for pair in one.pairs]
    widest = min(max(labels, default=0), int(width * LABEL_SHARE))
    blocks = [Content("\n").join(_section(one, widest, width)) for one in listed]
    return Content("\n\n").join(blocks)


def _section(section: Section, labels: int, width: int) -> Iterator[Content]:
    yield Content.styled(plain(section.title), "bold $primary")
    for pair in section.pairs:
        room = max(width - labels - GAP, 8)
        first, *others = chop_cells(plain(pair.value) or "-", room) or ["-"]
        label = pad(plain(pair.label), labels) + " " * GAP
        yield Content.assemble((label, "$foreground-muted"), (first, pair.style))
        for other in others:
            yield Content.assemble(" " * (labels + GAP), (other, pair.style))
    if not section.pairs:
        yield Content.styled(section.empty, "$foreground-muted")
