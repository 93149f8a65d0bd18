"""Undo as the screens offer it: one key takes the last change back, wherever one is by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskcrm.i18n import _
from deskcrm.services.undo import Undone, undo
from deskcrm.widgets.shell import WRITES, Shell

if TYPE_CHECKING:
    from deskcrm.app import DeskApp


def offer_undo(app: DeskApp, sentence: str, change_set_id: int) -> None:
    """Say what was done; the undo key reverses the change set and every screen reads anew."""

    def taken_back(undone: Undone) -> None:
        sentences = [_("Taken back.")]
        if undone.kept:
            sentences.append(_("A later change was kept."))
        app.toast(" ".join(sentences))
        for shell in app.shells():
            shell.data_changed()

    def take_back() -> None:
        if isinstance(app.screen, Shell):
            app.screen.call(undo, change_set_id, then=taken_back, group=WRITES)

    app.offer_undo(sentence, take_back)
