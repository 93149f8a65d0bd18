"""Documents, the people and companies around the customer, and the history of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.content import Content

from deskcrm.clock import local
from deskcrm.i18n import N_, _, translate
from deskcrm.screens.customer_tabs.base import PAGE, Hidden, TableTab
from deskcrm.services.customer_history import HistoryRow, history
from deskcrm.services.customer_tabs import DocumentRow, RelationRow, documents, relations
from deskcrm.services.desk import Desk
from deskcrm.services.pages import Page
from deskcrm.widgets.customer_line import DASH, day, word
from deskcrm.widgets.dialogs import tell
from deskcrm.widgets.tables import Column, Row
from deskcrm.widgets.text import plain, show_lines


class DocumentsTab(TableTab[DocumentRow]):
    """What was seen, where the copy lies, and until when it is good."""

    COLUMNS = (
        Column("kind", N_("Document"), 16, grow=True),
        Column("number", N_("Number"), 18),
        Column("expires", N_("Valid until"), 12),
        Column("held", N_("Copy kept at"), 14),
        Column("seen", N_("Seen on"), 10, optional=True),
        Column("by", N_("Seen by"), 12, optional=True),
    )
    EMPTY = N_("No document was taken down yet.")
    HINT = N_("m adds one that the customer shows.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[DocumentRow]]:
        return partial(documents, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def row(self, view: DocumentRow) -> Row:
        expires = ("! " if view.expired else "") + day(view.expires_on)
        cells = (
            translate(view.label_id),
            view.number or DASH,
            (expires, "bold $error" if view.expired else ""),
            plain(view.copy_held_at) or DASH,
            day(view.seen_on),
            view.seen_by,
        )
        return Row(str(view.id), cells)

    def preview(self, view: DocumentRow) -> Content:
        known = [
            _("issued {day}", day=day(view.issued_on)),
            _("seen {day} by {name}", day=day(view.seen_on), name=plain(view.seen_by) or DASH),
        ]
        if view.expired:
            known.insert(0, _("Expired. Ask for the new one."))
        lines = [Content("  ".join(known))]
        return Content("\n").join([*lines, show_lines(view.note)] if view.note else lines)

    def hidden_values(self) -> Sequence[Hidden]:
        views = [view for view in self._views.values() if view.number is not None]
        views.sort(key=lambda view: view is not self.current)
        return [
            Hidden("document", f"{translate(view.label_id)}  {plain(view.number)}", view.id)
            for view in views
        ]

    def open_view(self, view: DocumentRow) -> None:
        tell(self.owner, translate(view.label_id), self.preview(view))


class RelationsTab(TableTab[RelationRow]):
    """Family, shareholders, contacts; Enter opens one who is our customer."""

    COLUMNS = (
        Column("kind", N_("Relation"), 18),
        Column("name", N_("Name"), 18, grow=True),
        Column("role", N_("Role"), 10),
        Column("share", N_("Share"), 6, justify="right"),
        Column("phone", N_("Phone"), 12),
        Column("ours", N_("Customer"), 8, optional=True),
    )
    EMPTY = N_("Nobody around this customer is known yet.")
    HINT = N_("m adds family, a shareholder, a finance contact.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[RelationRow]]:
        return partial(relations, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def row(self, view: RelationRow) -> Row:
        kind = translate(view.label_id)
        cells = (
            f"< {kind}" if view.incoming else kind,
            view.name,
            plain(view.role) or DASH,
            DASH if view.share_percent is None else f"{view.share_percent} %",
            view.phone or DASH,
            _("ours") if view.customer_id else DASH,
        )
        return Row(f"{view.incoming}-{view.id}", cells)

    def preview(self, view: RelationRow) -> Content:
        kind = translate(view.label_id)
        said = (
            _("{name} has this customer as: {kind}", name=plain(view.name), kind=kind)
            if view.incoming
            else f"{kind}: {plain(view.name)}"
        )
        lines = [Content(said)]
        lines += [show_lines(view.note)] if view.note else []
        lines += [Content(_("Enter opens this customer."))] if view.customer_id else []
        return Content("\n").join(lines)

    def hidden_values(self) -> Sequence[Hidden]:
        views = [
            view for view in self._views.values() if view.phone is not None and not view.incoming
        ]
        views.sort(key=lambda view: view is not self.current)
        return [
            Hidden("relation_phone", f"{plain(view.name, 24)}  {plain(view.phone)}", view.id)
            for view in views
        ]

    def open_view(self, view: RelationRow) -> None:
        if view.customer_id is not None:
            self.owner.desk_app.open_customer(view.customer_id)
        else:
            tell(self.owner, plain(view.name), self.preview(view))


class HistoryTab(TableTab[HistoryRow]):
    """Who changed or read what in the file, and when."""

    COLUMNS = (
        Column("at", N_("When"), 16),
        Column("officer", N_("Officer"), 10),
        Column("operation", N_("Action"), 10),
        Column("field", N_("Field"), 14),
        Column("change", N_("Before and after"), 14, grow=True),
    )
    EMPTY = N_("Nothing has been changed in this file.")
    HINT = N_("Every change, and every value read in clear, will stand here.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[HistoryRow]]:
        return partial(history, customer_id=self.customer_id, offset=self.first, limit=PAGE)

    def show_page(self, page: Page[HistoryRow], cursor: int | None = None) -> None:
        self._numbers = {id(view): number for number, view in enumerate(page.rows, page.offset)}
        super().show_page(page, cursor)

    def row(self, view: HistoryRow) -> Row:
        at = local(view.at, self.owner.desk.clock)
        cells = (
            f"{at:%Y-%m-%d %H:%M}",
            plain(view.officer_name) or _("the program"),
            word("operation", view.operation),
            translate(view.label_id) if view.label_id else DASH,
            _change(view) or plain(view.reason) or DASH,
        )
        return Row(str(self._numbers[id(view)]), cells)

    def preview(self, view: HistoryRow) -> Content:
        lines = [Content.styled(translate(view.label_id), "bold")] if view.label_id else []
        lines += [Content(_change(view))] if _change(view) else []
        lines += [Content(_("reason: {reason}", reason=plain(view.reason)))] if view.reason else []
        return Content("\n").join(lines)

    def open_view(self, view: HistoryRow) -> None:
        tell(self.owner, word("operation", view.operation), self.preview(view))


def _change(view: HistoryRow) -> str:
    before, after = plain(view.before), plain(view.after)
    if view.operation == "import":
        return _("from the file {name}", name=after)
    if not before and not after:
        return ""
    return f"{before or DASH} -> {after or DASH}"
