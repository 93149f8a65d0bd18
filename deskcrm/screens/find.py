"""Find: results with every keystroke, from anywhere, over everything a customer is known by."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from deskcrm.actions import bindings
from deskcrm.i18n import N_, _, translate
from deskcrm.rules.text import cell_width
from deskcrm.screens.base import DeskScreen
from deskcrm.services.search import Found, Hit, find
from deskcrm.widgets.customer_line import tier_word, word
from deskcrm.widgets.hit_list import HitList, Line
from deskcrm.widgets.inputs import LineInput
from deskcrm.widgets.tables import Column
from deskcrm.widgets.text import MessageText, SafeStatic, plain, show

FOUND_BY = {
    "name": N_("name"),
    "pinyin": N_("pinyin"),
    "phone": N_("phone"),
    "identity_number": N_("ID number"),
    "credit_code": N_("credit code"),
    "customer_number": N_("customer no."),
    "account": N_("account"),
}
EXAMPLES = (
    (N_("Name"), N_("王小明, or a part of a company's name")),
    (N_("Pinyin"), N_("wangxiaoming, wang xm")),
    (N_("Initials"), N_("wxm")),
    (N_("Phone"), N_("13812345678, or its last four digits")),
    (N_("ID number, credit code"), N_("from its beginning, or its last four")),
    (N_("Account, customer no."), N_("from its beginning, or its last four")),
    (N_("Several words"), N_("all must hold: 王 5678")),
)
COLUMNS = (
    ("name", N_("Name")),
    ("kind", N_("Kind")),
    ("tier", N_("Tier")),
    ("phone", N_("Phone")),
    ("identity", N_("ID number")),
    ("why", N_("Found by")),
    ("owner", N_("Owner")),
)
NAME_CELLS = 14
OWNER_CELLS = 14
PHONE_CELLS = 12
IDENTITY_CELLS = 18
LONGEST_WORD = 12
OPTIONAL = frozenset({"why", "owner"})


class FindScreen(DeskScreen[None]):
    """One input and the hits below; arrows move the cursor of the list while one types."""

    SCOPE = "find"
    TITLE_ID = N_("Find")
    CSS_PATH = "find.tcss"
    BINDINGS = [  # noqa: RUF012
        *bindings("find"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text
        self._hits: dict[str, Hit] = {}
        self._found: Found | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="find-line"):
            yield MessageText(N_("Find"), id="find-label")
            yield LineInput(self._text, max_length=60, id="find-input")
            yield SafeStatic(id="find-count")
        yield HitList(id="find-hits")
        yield SafeStatic(id="find-detail")

    def on_mount(self) -> None:
        self.query_one("#find-input").focus()
        self._show_state()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "open_find":
            return False
        if action in ("open", "call_sheet") and not self._hits:
            return None
        return super().check_action(action, parameters)

    @on(Input.Changed, "#find-input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._ask(event.value)

    def _ask(self, text: str) -> None:
        self.call(find, text, then=self._show, group="find")

    def _show(self, found: Found) -> None:
        had_hits = bool(self._hits)
        self._found = found
        self._hits = {str(hit.id): hit for hit in found.hits}
        self.query_one(HitList).show_lines(columns(), [line(hit) for hit in found.hits])
        self._show_detail(found.hits[0] if found.hits else None)
        self._show_state()
        if had_hits != bool(self._hits):
            self.refresh_bindings()

    def _show_state(self) -> None:
        """Either the list, or what to do without one."""
        typed = bool(self.query_one(Input).value.strip())
        if not self._hits:
            text = self._nothing() if typed and self._found is not None else examples()
            self.query_one(HitList).show_text(text)
        count = self._how_many() if typed else ""
        self.query_one("#find-count", SafeStatic).update(count, layout=False)

    def _how_many(self) -> str:
        if self._found is None:
            return ""
        if self._found.more:
            return _("the best {n}; type more to narrow", n=len(self._hits))
        return _("{n} found", n=len(self._hits))

    def _nothing(self) -> Content:
        lines = [
            Content.styled(
                _("Nobody in your care is found by “{text}”.", text=self._typed_text()), "bold"
            ),
            Content(_("Check the spelling, or type less: a surname, three digits, initials.")),
        ]
        if "customer.create" in self.desk_app.permissions:
            lines.append(Content(_("New here? ^N takes down a new customer.")))
        return Content("\n\n").join(lines)

    def _typed_text(self) -> str:
        return plain(self.query_one(Input).value.strip(), 30)

    @on(HitList.Moved)
    def _moved(self, event: HitList.Moved) -> None:
        event.stop()
        self._show_detail(self._hits.get(event.key))

    def _show_detail(self, hit: Hit | None) -> None:
        shown = "" if hit is None else detail(hit)
        self.query_one("#find-detail", SafeStatic).update(shown, layout=False)

    @on(HitList.Chosen)
    def _clicked(self, event: HitList.Chosen) -> None:
        event.stop()
        self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor of the list; the input keeps the focus."""
        self.query_one(HitList).move(by)

    def action_page(self, way: int) -> None:
        """Move it by what is on the screen."""
        hits = self.query_one(HitList)
        hits.move(way * hits.page_lines)

    def action_open(self) -> None:
        """Everything about the customer under the cursor."""
        hits = self.query_one(HitList)
        if self._hits and hits.current_key is not None:
            self.desk_app.open_customer(int(hits.current_key), [int(key) for key in hits.keys])

    def action_call_sheet(self) -> None:
        """Take down a contact with the customer under the cursor."""
        key = self.query_one(HitList).current_key
        if self._hits and key is not None:
            self.desk_app.open_call_sheet(int(key))

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        text = self.query_one(Input).value
        if self._found is not None and text.strip():
            self._ask(text)

    def refresh_language(self) -> None:
        super().refresh_language()
        if self._found is not None:
            self._show(self._found)
        self._show_state()


def columns() -> list[Column]:
    """The columns, as wide as their words are in the language in force."""
    widths = {
        "name": NAME_CELLS,
        "kind": widest("kind", "individual", "corporate", "prospect"),
        "tier": max(cell_width(tier_word(code)) for code in ("platinum", "standard", "gold")),
        "phone": PHONE_CELLS,
        "identity": IDENTITY_CELLS,
        "owner": OWNER_CELLS,
        "why": min(max(cell_width(translate(text)) for text in FOUND_BY.values()), LONGEST_WORD),
    }
    return [
        Column(
            key,
            title,
            max(widths[key], cell_width(translate(title))),
            grow=key == "name",
            optional=key in OPTIONAL,
        )
        for key, title in COLUMNS
    ]


def widest(group: str, *codes: str) -> int:
    """The width of the widest of some words."""
    return max(cell_width(word(group, code)) for code in codes)


def line(hit: Hit) -> Line:
    """A hit as a line of the list."""
    cells = (
        hit.name,
        word("kind", hit.kind),
        tier_word(hit.tier),
        hit.phone,
        hit.identity_number,
        translate(FOUND_BY[hit.matched]),
        hit.owner_name,
    )
    return Line(str(hit.id), cells)


def detail(hit: Hit) -> Content:
    """All of a hit, for the line below the list, where nothing is left out."""
    known = [word("kind", hit.kind), tier_word(hit.tier)]
    known += [plain(value) for value in (hit.phone, hit.identity_number) if value is not None]
    known.append(_("owner {name}", name=plain(hit.owner_name) or _("nobody")))
    why = _("found by {what}", what=translate(FOUND_BY[hit.matched]))
    first = Content.assemble(show(hit.name, style="bold"), "   ", (why, "$foreground-muted"))
    return Content("\n").join([first, Content("  ".join(known))])


def examples() -> Content:
    """What can be typed."""
    width = max(cell_width(translate(what)) for what, _how in EXAMPLES) + 3
    lines = [Content.styled(_("Type what you know of a customer"), "bold"), Content("")]
    for what, how in EXAMPLES:
        label = translate(what)
        padding = " " * (width - cell_width(label))
        lines.append(Content.assemble((label + padding, "$foreground-muted"), translate(how)))
    return Content("\n").join(lines)
