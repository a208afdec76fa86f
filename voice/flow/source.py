"""The flow files as they were read, with the place of everything, for findings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.knowledge.findings import Finding
from bot.knowledge.yaml_text import Document
from voice.flow.model import Notice
from voice.flow.nodes import Flow


@dataclass
class Source:
    """`words`: those the pronunciation table gives a reading for. `unread`: flows with errors of their own; they exist,
    so their names are no slip.
    `ids`: of every entry of the FAQ."""

    words: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    flows: dict[str, tuple[Flow, Document]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    notices: list[tuple[Notice, int]] = field(default_factory=list)
    notice_document: Document | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every flow could be read: only then can anybody say what is unreachable."""
        return not self.unread
