"""The banner of a customer: what to know before the first word, in text, shape and colour."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Resize

from deskcrm.i18n import _, translate
from deskcrm.rules.text import cell_width
from deskcrm.services.customer_alerts import Alert, AlertLevel
from deskcrm.widgets.text import SafeStatic, plain

MOST = 3
EDGE = 2
MARKS = {AlertLevel.STOP: "!!", AlertLevel.WARNING: " !", AlertLevel.NOTE: " i"}
STYLES = {
    AlertLevel.STOP: "bold $text-error",
    AlertLevel.WARNING: "$text-warning",
    AlertLevel.NOTE: "$text-primary",
}


class AlertBanner(SafeStatic):
    """At most three alerts, the loudest first; the last line says how many more there are."""

    DEFAULT_CSS = """
    AlertBanner { height: auto; width: 1fr; padding: 0 1; text-wrap: nowrap;
                  text-overflow: ellipsis; background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._alerts: Sequence[Alert] = ()
        self._drawn_for = 0
        self.display = False

    def on_resize(self, _event: Resize) -> None:
        if self.app.size.width != self._drawn_for:
            self.refresh_language()

    def show_alerts(self, alerts: Sequence[Alert]) -> None:
        """Show other alerts, which come loudest first."""
        self._alerts = alerts
        self.display = bool(alerts)
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write the alerts again in the language in force."""
        self._drawn_for = self.app.size.width
        lines = [alert_line(alert) for alert in self._alerts[:MOST]]
        more = len(self._alerts) - MOST
        if more > 0:
            note = _("+{n} more under Insight", n=more)
            room = self._drawn_for - EDGE - cell_width(note) - 2
            lines[-1] = Content.assemble(
                lines[-1].truncate(room, ellipsis=True), "  ", (note, "bold")
            )
        self.update(Content("\n").join(lines))


def alert_line(alert: Alert) -> Content:
    """One alert: its mark and its sentence, in the colour of its level."""
    values = {
        name: plain(value) if isinstance(value, str) else value
        for name, value in alert.values.items()
    }
    sentence = plain(translate(alert.title, **values))
    return Content.styled(f"{MARKS[alert.level]}  {sentence}", STYLES[alert.level])
