"""Small questions over a screen, each answered with the keyboard and closed with Escape.

``title`` and ``body`` are sentences in the language in force, shown as they are; ``then`` gets the
answer and is not called when the dialog is closed without one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option as ListedOption

from deskcrm.i18n import _
from deskcrm.rules.spoken_dates import SpokenDate
from deskcrm.rules.text import clean
from deskcrm.widgets.inputs import CHOICE_KEYS, LineInput, Option
from deskcrm.widgets.shell import DeskModal
from deskcrm.widgets.spoken_date import DateEcho, DateInput
from deskcrm.widgets.text import SafeStatic, show, show_lines

T = TypeVar("T")

SHORTEST_REASON = 4


def ask_reason(screen: Screen[Any], title: str, then: Callable[[str], object]) -> None:
    """Ask for a reason in words, at least four characters; it goes into the ledger."""
    _open(screen, AskText(title, _("Reason"), SHORTEST_REASON), then)


def ask_text(
    screen: Screen[Any],
    title: str,
    then: Callable[[str], object],
    *,
    label: str = "",
    value: str = "",
    shortest: int = 0,
) -> None:
    """Ask for one line of text, beginning from ``value``."""
    _open(screen, AskText(title, label, shortest, value), then)


def ask_date(
    screen: Screen[Any],
    title: str,
    then: Callable[[SpokenDate], object],
    *,
    future_only: bool = True,
) -> None:
    """Ask for a date as people say it; it is read back in full before Enter takes it."""
    _open(screen, AskDate(title, future_only), then)


def pick(
    screen: Screen[Any],
    title: str,
    options: Sequence[Option],
    then: Callable[[str], object],
    *,
    body: str = "",
) -> None:
    """Let one of ``options`` be picked by its key, or with arrows and Enter; ``then`` gets its
    ``value``."""
    _open(screen, Pick(title, options, body), then)


def type_to_confirm(
    screen: Screen[Any], title: str, body: str, word: str, then: Callable[[], object]
) -> None:
    """For what cannot be undone: ``then`` runs only after ``word`` was typed exactly."""
    _open(screen, TypeToConfirm(title, body, word), lambda _word: then())


def show_once(
    screen: Screen[Any], title: str, body: str, secret: str, then: Callable[[], object]
) -> None:
    """Show a secret that is not shown again; only ctrl+o closes it, so that a stray key cannot lose
    it."""
    _open(screen, ShowOnce(title, body, secret), lambda _noted: then())


def tell(screen: Screen[Any], title: str, body: str | Content) -> None:
    """Show something to read, such as why a customer is in the queue."""
    _open(screen, Tell(title, body), lambda _read: None)


def _open(screen: Screen[Any], dialog: Dialog[T], then: Callable[[T], object]) -> None:
    def answered(answer: T | None) -> None:
        if answer is not None:
            then(answer)

    screen.app.push_screen(dialog, answered)


class Dialog(DeskModal[T]):
    """Title, optional body, the question, and a line that says which keys answer it."""

    DEFAULT_CSS = """
    Dialog .dialog-title { text-style: bold; margin-bottom: 1; }
    Dialog .dialog-body { margin-bottom: 1; }
    Dialog .dialog-error { color: $text-error; }
    Dialog .dialog-keys { color: $text-muted; margin-top: 1; }
    Dialog .secret { text-style: bold; text-align: center; padding: 1; background: $boost; }
    Dialog OptionList { height: auto; max-height: 14; border: none; padding: 0;
                        background: $surface; }
    Dialog OptionList:focus { border: none; }
    """

    def __init__(self, title: str, body: str | Content = "") -> None:
        super().__init__()
        self._title_text = title
        self._body = body

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield SafeStatic(show(self._title_text), classes="dialog-title")
            if self._body:
                body = self._body if isinstance(self._body, Content) else show_lines(self._body)
                yield SafeStatic(body, classes="dialog-body")
            yield from self.compose_question()
            yield SafeStatic("", classes="dialog-error")
            yield SafeStatic(self.keys_line(), classes="dialog-keys")

    def compose_question(self) -> ComposeResult:
        """The widgets that take the answer."""
        yield from ()

    def keys_line(self) -> str:
        """Which keys answer."""
        return _("Enter: take · Esc: close")

    def complain(self, sentence: str) -> None:
        """Say why the answer is not taken."""
        self.query_one(".dialog-error", SafeStatic).update(show(f"! {sentence}"))


class AskText(Dialog[str]):
    """One line of text."""

    def __init__(self, title: str, label: str, shortest: int, value: str = "") -> None:
        super().__init__(title, label)
        self._shortest = shortest
        self._value = value

    def compose_question(self) -> ComposeResult:
        yield LineInput(self._value)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        text = clean(event.value).strip()
        if len(text) < self._shortest:
            self.complain(_("At least {n} characters, please.", n=self._shortest))
        else:
            self.dismiss(text)


class AskDate(Dialog[SpokenDate]):
    """A date or a moment."""

    def __init__(self, title: str, future_only: bool) -> None:
        super().__init__(title)
        self._input = DateInput(future_only=future_only)

    def compose_question(self) -> ComposeResult:
        yield self._input
        yield DateEcho(self._input)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        spoken = self._input.spoken
        if spoken is None:
            self.complain(_("This is not read as a date that can be taken."))
        else:
            self.dismiss(spoken)


class Pick(Dialog[str]):
    """One of several options."""

    def __init__(self, title: str, options: Sequence[Option], body: str = "") -> None:
        super().__init__(title, body)
        free = iter(CHOICE_KEYS)
        self._listed = [(option.key or next(free, ""), option) for option in options]
        self._keyed = {key: option for key, option in self._listed if key}

    def compose_question(self) -> ComposeResult:
        yield OptionList(
            *(
                ListedOption(show(f"{key:>2}  {_(option.label)}"), id=option.value)
                for key, option in self._listed
            ),
            markup=False,
        )

    def keys_line(self) -> str:
        return _("its key, or arrows and Enter: take · Esc: close")

    def on_key(self, event: Key) -> None:
        option = self._keyed.get(event.character or event.key)
        if option is not None:
            event.stop()
            self.dismiss(option.value)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)


class TypeToConfirm(Dialog[str]):
    """A word that has to be typed."""

    def __init__(self, title: str, body: str, word: str) -> None:
        super().__init__(title, body)
        self._word = word

    def compose_question(self) -> ComposeResult:
        yield SafeStatic(show(_("Type {word} to go on:", word=self._word)))
        yield LineInput()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        if clean(event.value).strip() == self._word:
            self.dismiss(self._word)
        else:
            self.complain(_("That is not the word. Nothing was done."))


class ShowOnce(Dialog[str]):
    """A secret to write down; ctrl+o says it is written down."""

    BINDINGS = [("ctrl+o", "noted", "")]  # noqa: RUF012

    def __init__(self, title: str, body: str, secret: str) -> None:
        super().__init__(title, body)
        self._secret = secret

    def compose_question(self) -> ComposeResult:
        yield SafeStatic(show(self._secret), classes="secret")

    def keys_line(self) -> str:
        return _("^O: I have written it down")

    def action_cancel(self) -> None:
        """A stray Escape must not lose what is shown only once."""

    def action_noted(self) -> None:
        """It is written down."""
        self.dismiss("noted")


class Tell(Dialog[str]):
    """Something to read; Enter or Escape closes it."""

    BINDINGS = [("enter", "cancel", "")]  # noqa: RUF012

    def keys_line(self) -> str:
        return _("Enter or Esc: close")
