"""Read YAML as editors mean it: every scalar stays text (`9:00`, `no`, `0120`), every value knows its line.

PyYAML names the wrong line for the usual Japanese slips (style.md 4.5); they are looked for first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from bot.knowledge.findings import Finding, finding

Text: TypeAlias = "str | list[Text] | dict[str, Text]"
Place: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 512 * 1024  # the largest file we ship has 80 KB; a 2 MB file is a mistake

_BLOCK = re.compile(r"^(?P<indent> *)(?P<dash>(?:- +)*)(?P<key>[^\s#:-][^:]*: *)?[|>][-+0-9]* *(?:#.*)?$")
_SLIPS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("YML003", re.compile(r"^ *(?:- )?(?P<key>[A-Za-z_]+) *：")),
    ("YML004", re.compile(r"^[ \t]*　")),
    ("YML005", re.compile(r"^ *\t")),
    ("YML006", re.compile(r"^ *(?P<mark>[ー－―‐–—・]) ?\S")),
    ("YML007", re.compile(r"^ *(?:- )?(?P<key>[a-z_]+):(?P<value>[^\s/].*)$")),
    ("YML014", re.compile(r"^ *(?:- )?(?P<key>[a-z_]+): *　")),
)
_QUESTION = re.compile(r"^- *\{.*")


@dataclass(frozen=True)
class Document:
    """A parsed file: `data` of text, lists and dicts; `lines` maps a place such as ("links", 0, "url") to its line."""

    path: str
    data: Text
    lines: Mapping[Place, int]

    def line(self, *place: str | int) -> int:
        """The line of the value at `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(file: Path, root: Path) -> tuple[Document | None, list[Finding]]:
    """Parse `file`; its path is told relative to `root`. A file that can't be read gives None and says why."""
    path = file.relative_to(root).as_posix()
    try:
        return decode(file.read_bytes(), path)
    except OSError:
        return None, [finding("YML013", path)]


def decode(raw: bytes, path: str) -> tuple[Document | None, list[Finding]]:
    """As `read`, from bytes already in hand."""
    if len(raw) > MAX_BYTES:
        return None, [finding("YML002", path, size=len(raw) // 1024, limit=MAX_BYTES // 1024)]
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return None, [finding("YML001", path, raw[: error.start].count(b"\n") + 1)]
    return parse(text, path)


def parse(text: str, path: str) -> tuple[Document | None, list[Finding]]:
    """As `read`, from text already in hand."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is None:
            return None, [finding("YML012", path, 1)]
        walk = _Walk(path)
        data = walk.plain(node, ())
    except yaml.YAMLError as error:
        return None, _explain(text, path, error)
    except RecursionError:
        return None, [finding("YML010", path, 1)]
    # Some slips are lawful YAML that means something else: 「　topic: x」 is a key, 「ー slip-lost」 is text.
    slips = [_slip(path, *found) for found in _find_slips(text) if found[0] in walk.starts]
    return (None, slips) if slips else (Document(path, data, walk.lines), walk.findings)


@dataclass
class _Walk:
    """Turns nodes into text, lists and dicts; `starts` are the lines on which unquoted text begins."""

    path: str
    lines: dict[Place, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)
    met: set[int] = field(default_factory=set)

    def plain(self, node: yaml.Node, place: Place) -> Text:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if id(node) in self.met:  # an alias (*name): it may stand for itself, or for a million things
            self.findings.append(finding("YML010", self.path, self.lines[place]))
            return ""
        self.met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(child, (*place, i)) for i, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and not node.style:
            self.starts.add(line)
        return str(node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> Text:
        result: dict[str, Text] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in result:
                self.findings.append(finding("YML011", self.path, line, key=key))
            if not isinstance(key_node, yaml.ScalarNode):  # 「{name}: …」
                self.findings.append(finding("YML010", self.path, line))
            elif not key_node.style:
                self.starts.add(line)
            self.lines[*place, key] = line
            result[key] = self.plain(value_node, (*place, key))
        return result


def _explain(text: str, path: str, error: yaml.YAMLError) -> list[Finding]:
    slips = [_slip(path, *found) for found in _find_slips(text)]
    if slips:
        return slips
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, yaml.reader.ReaderError):  # a control character; its place is counted in bytes
        line = text.encode()[: error.position].count(b"\n") + 1
    if "mapping values are not allowed" in str(error):
        return [finding("YML009", path, line)]
    for number, row in enumerate(text.split("\n"), 1):
        if _QUESTION.match(row):
            if not _readable(row):
                return [finding("YML015", path, number)]
        elif quote := _unclosed(row.partition(": ")[2].strip()):
            return [finding("YML008", path, number, mark=quote)]
    return [finding("YML010", path, line)]


def _readable(row: str) -> bool:
    """Whether a question on a line of its own (`- {ask: …}`) is YAML."""
    try:
        return bool(yaml.compose(row, Loader=yaml.CSafeLoader)) and not row.startswith("-{")
    except yaml.YAMLError:
        return False


def _unclosed(value: str) -> str:
    """The quote a value begins with but does not end with; a comment may follow."""
    quote, value = value[:1], re.sub(r"\s+#.*$", "", value)
    return quote if quote in ("'", '"') and (len(value) == 1 or not value.endswith(quote)) else ""


def _slip(path: str, line: int, code: str, match: re.Match[str]) -> Finding:
    facts: dict[str, object] = dict(match.groupdict())
    return finding(code, path, line, **facts)


def _find_slips(text: str) -> Iterator[tuple[int, str, re.Match[str]]]:
    """Slips outside block scalars, where the same signs are just words."""
    block: int | None = None
    for number, row in enumerate(text.split("\n"), 1):
        indent = len(row) - len(row.lstrip(" "))
        if block is not None:
            if not row.strip() or indent > block:
                continue
            block = None
        for code, pattern in _SLIPS:
            if match := pattern.match(row):
                yield number, code, match
                break
        if header := _BLOCK.match(row):
            block = len(header["indent"]) + (len(header["dash"]) if header["key"] else 0)
