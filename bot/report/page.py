"""Another name of `bot.report.html`."""

from bot.report.html import write

__all__ = ["write"]
