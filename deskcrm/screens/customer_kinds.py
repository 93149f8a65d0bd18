"""The first question about a new customer: of which kind."""

from __future__ import annotations

from textual import on
from textual.events import Key
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListedOption

from deskcrm.i18n import N_, translate
from deskcrm.models import CustomerKind
from deskcrm.rules.text import cell_width, pad
from deskcrm.widgets.customer_line import words_of
from deskcrm.widgets.inputs import CHOICE_KEYS
from deskcrm.widgets.text import show

EXPLAINED = {
    CustomerKind.INDIVIDUAL: N_("a person with an account here, or about to open one"),
    CustomerKind.CORPORATE: N_("a company or institution"),
    CustomerKind.PROSPECT: N_("not a customer yet; needs a name and one way to be reached"),
}
KEYED = dict(zip(CHOICE_KEYS, EXPLAINED, strict=False))


class KindList(OptionList):
    """The kinds of customer, each with its key."""

    DEFAULT_CSS = """
    KindList { height: auto; border: none; padding: 0; background: $background; }
    KindList:focus { border: none; background-tint: $foreground 0%; }
    """

    class Chosen(Message):
        """A kind was chosen."""

        def __init__(self, kind: CustomerKind) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self) -> None:
        super().__init__(markup=False)

    def on_mount(self) -> None:
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write the kinds again in the language in force."""
        names = {kind: translate(words_of("kind")[kind]) for kind in EXPLAINED}
        widest = max(map(cell_width, names.values()))
        here = self.highlighted
        self.clear_options()
        for key, kind in KEYED.items():
            line = f"{key}  {pad(names[kind], widest)}   {translate(EXPLAINED[kind])}"
            self.add_option(ListedOption(show(line), id=kind.value))
        self.highlighted = here or 0

    def on_key(self, event: Key) -> None:
        kind = KEYED.get(event.character or "")
        if kind is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Chosen(kind))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Its own keys are for the kinds, not for actions of the app."""
        return character in KEYED

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(CustomerKind(str(event.option_id))))
