"""Keys that come faster than screens change wait their turn.

Textual passes a key to the widget that has the focus when the key arrives. An officer who knows the
way types ``d1`` in one go: the dialog that ``d`` opens is not there yet when ``1`` arrives, and the
key would go to the screen beneath and be lost, or do something else there. Here each key is passed
on once the one before has done its work and the screen it opened can take keys.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import events, on
from textual.app import App
from textual.message import Message
from textual.screen import Screen

LONGEST_WAIT_SECONDS = 0.5
"""For keys behind one whose widget went away with it, so that the keyboard never stands still."""


class Handled(Message):
    """Follows a key through the same queues: once it is back, so is the key."""

    def __init__(self, typed: int, screen: Screen[Any]) -> None:
        super().__init__()
        self.typed = typed
        self.shown = screen


class TypingAhead(App[None], inherit_bindings=False):
    """The part of the app that takes keys and pastes one at a time."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._typed = 0
        self._busy = False

    async def on_event(self, event: events.Event) -> None:
        """Keep what is typed in its order; everything else goes its way at once."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._busy:
            self._waiting.append(event)
            lost = Handled(self._typed, self.screen)
            self.set_timer(LONGEST_WAIT_SECONDS, lambda: self.post_message(lost))
        else:
            await self._pass_on(event)

    async def _pass_on(self, event: events.Key | events.Paste) -> None:
        self._busy = True
        self._typed += 1
        handled, target = Handled(self._typed, self.screen), self.focused or self.screen
        await super().on_event(event)
        if not target.post_message(handled):
            self.post_message(handled)

    @on(Handled)
    async def _go_on(self, event: Handled) -> None:
        """The next key, as soon as the screen that the last one opened takes keys."""
        if event.typed != self._typed or not self._busy:
            return
        if event.shown is not self.screen and self.screen.post_message(
            Handled(event.typed, self.screen)
        ):
            return
        self._busy = False
        if self._waiting:
            await self._pass_on(self._waiting.popleft())
