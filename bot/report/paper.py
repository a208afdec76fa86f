"""Another name of `bot.report.pdf`."""

from bot.report.pdf import write

__all__ = ["write"]
