"""Another name of `bot.report.excel`."""

from bot.report.excel import write

__all__ = ["write"]
