"""Sites in SQL: every place of the statements in ops.sql at which one thing may be changed.

The statements are strings of Python, with words put in; they are looked through as they stand in
the files, by patterns, and what is put in counts as one word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from ops.mutants.sites import Site

_LITERAL = re.compile(r"([fFrRbB]{0,2})(\"\"\"|'''|\"|')")
_COMPARED = {"<=": "<", ">=": ">", "<>": "=", "<": "<=", ">": ">=", "=": "<>"}
_END = r"AND|OR|THEN|WHEN|ELSE|END|AS|GROUP|ORDER|QUALIFY|FROM|WHERE|UNION|HAVING|JOIN|LEFT|ANTI"
_END += r"|SEMI|ON|USING|WINDOW|LIMIT|SELECT|PARTITION|DESC"
_WORD = re.compile(rf"\b({_END}|CASE)\b")


class _Rule(NamedTuple):
    """A pattern, what its first group becomes, and what that is called."""

    pattern: re.Pattern[str]
    new: str
    what: str


def _rule(pattern: str, new: str, what: str) -> _Rule:
    return _Rule(re.compile(pattern), new, what)


_RULES = (
    _rule(r"\b(AND)\b", "OR", "and/or"),
    _rule(r"(?<!CREATE )\b(OR)\b", "AND", "and/or"),
    _rule(r"\bIS (NOT )", "", "negated"),
    _rule(r"\bIS ()(?!NOT)", "NOT ", "negated"),
    _rule(r"(?<!IS )\b(NOT )(?!EXISTS)", "", "negated"),
    _rule(r"\b(true)\b", "false", "constant"),
    _rule(r"\b(false)\b", "true", "constant"),
    _rule(r"\b(greatest)\(", "least", "function"),
    _rule(r"\b(least)\(", "greatest", "function"),
    _rule(r"\b(min)\(", "max", "function"),
    _rule(r"\b(max)\(", "min", "function"),
    _rule(r"\b(lead)\(", "lag", "function"),
    _rule(r"\b(bool_or)\(", "bool_and", "function"),
    _rule(r"( DESC)\b", "", "order"),
    _rule(r"\b(LEFT JOIN)\b", "JOIN", "join"),
    _rule(r"\b(SEMI)\b", "ANTI", "join"),
    _rule(r"\b(ANTI)\b", "SEMI", "join"),
    _rule(r"(?<!IS )(?<!NOT )\b(DISTINCT )", "", "dropped term"),
    _rule(r"[\w)}] (\+) ", "-", "operator"),
    _rule(r"[\w)}] (-) ", "+", "operator"),
    _rule(r" (&) ", "|", "operator"),
    _rule(r" (\|) ", "&", "operator"),
)
_NUMBER = re.compile(r"(?<![\w.$:'\"<>-])(\d{1,4})(?![\w.'\"])")
_COMPARISON = re.compile(r"(?<![<>=!:|-])(<=|>=|<>|<|>|=)(?![<>=])")
_JOINED = re.compile(r"\b(AND|OR)\b")
_CONDITION = re.compile(r"\b(WHERE|ON|QUALIFY|HAVING|WHEN)\b")
_LIST = re.compile(r"\b(PARTITION BY|ORDER BY|GROUP BY)\b")
_COALESCE = re.compile(r"\bcoalesce(\()")


def sql_sites_of(module: str, path: str, source: bytes) -> list[Site]:
    """The sites in the statements of a module of SQL."""
    # One byte a character, so that places in the text are places in the file.
    text = source.decode("latin-1")
    found: set[Site] = set()
    for start, end in _strings(source):
        line = text.count("\n", 0, start) + 1
        for at, until, new, what in _changes(_masked(text[start:end])):
            place = line + text.count("\n", start, start + at)
            found.add(Site(module, path, place, start + at, start + until, new, what))
    return sorted(found, key=lambda site: (site.start, site.end, site.text))


def _strings(source: bytes) -> Iterator[tuple[int, int]]:
    """Where the strings stand that are no explanations; those side by side are one."""
    lines = [0, *(at.end() for at in re.finditer(rb"\n", source))]
    tree = ast.parse(source)
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant | ast.JoinedStr) or id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr) or isinstance(node.value, str):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            start = lines[node.lineno - 1] + node.col_offset
            yield start, lines[node.end_lineno - 1] + node.end_col_offset


def _masked(text: str) -> str:
    """The literals with nothing but SQL left: blanks outside of them, X for what is put in."""
    out: list[str] = []
    at = 0
    while at < len(text):
        met = _LITERAL.match(text, at)
        if met is None:
            # Between literals that stand side by side there are blanks and comments.
            stop = text.find("\n", at) if text[at] == "#" else at + 1
            out += " " * (stop - at)
            at = stop
            continue
        close = text.find(met[2], met.end())
        out += " " * (met.end() - at)
        out += _inside(text[met.end() : close])
        out += " " * len(met[2])
        at = close + len(met[2])
    return "".join(out)


def _inside(text: str) -> str:
    """The inside of a literal: what is put in, and quoted words, are X."""
    out, depth, quoted = [], 0, False
    for character in text:
        if character == "{":
            depth += 1
        hidden = depth > 0 or quoted
        if character == "'" and not depth:
            out.append("'")
            quoted = not quoted
        else:
            out.append("X" if hidden else character)
        if character == "}":
            depth -= 1
    return "".join(out)


Change = tuple[int, int, str, str]
"""From, to, what stands there then, and how that is called."""


def _changes(text: str) -> Iterator[Change]:
    for rule in _RULES:
        for met in rule.pattern.finditer(text):
            yield met.start(1), met.end(1), rule.new, rule.what
    for met in _COMPARISON.finditer(text):
        yield met.start(1), met.end(1), _COMPARED[met[1]], "comparison"
    for met in _NUMBER.finditer(text):
        # How many rows are asked whether there are any, and what of them, is all the same.
        if not text[: met.start()].endswith(("LIMIT ", "SELECT ")):
            yield met.start(1), met.end(1), str(int(met[1]) + 1), "constant"
            if met[1] != "0":
                yield met.start(1), met.end(1), str(int(met[1]) - 1), "constant"
    yield from _dropped_terms(text)
    yield from _keys(text)


def _dropped_terms(text: str) -> Iterator[Change]:
    for met in _JOINED.finditer(text):
        if text[: met.start(1)].endswith("CREATE "):
            continue
        yield len(text[: met.start()].rstrip()), _extent(text, met.end()), "", "dropped term"
    for met in _CONDITION.finditer(text):
        until = _extent(text, met.end())
        following = re.compile(r"\s*(AND|OR)\b").match(text, until)
        if following is not None:
            yield met.end(), following.end(), "", "dropped term"
        if met[1] == "WHEN":
            yield met.end(), met.end(), " NOT", "negated"
    for met in _COALESCE.finditer(text):
        first = _extent(text, met.end())
        close = first
        while close < len(text) and text[close] == ",":
            close = _extent(text, close + 1)
        if first < close < len(text) and text[close] == ")":
            yield first, close, "", "dropped term"


def _keys(text: str) -> Iterator[Change]:
    """What things are put together or in order by: without the last key, or from the end."""
    for met in _LIST.finditer(text):
        begin = _extent(text, met.end())
        last = begin
        if met[1] == "ORDER BY" and not text.startswith(" DESC", begin):
            yield begin, begin, " DESC", "order"
        while last < len(text) and text[last] == ",":
            stop = _extent(text, last + 1)
            if stop >= len(text) or text[stop] != ",":
                yield last, stop, "", "dropped key"
            last = stop


def _extent(text: str, at: int) -> int:
    """Where the term that begins here ends: at what cannot be part of one."""
    depth = cases = 0
    while at < len(text):
        if text[at] == "(" or text[at] == "[":
            depth += 1
        elif text[at] == ")" or text[at] == "]":
            if depth == 0:
                return at
            depth -= 1
        elif depth == 0:
            if text[at] in ",;" and not cases:
                return at
            met = _WORD.match(text, at) if not text[at - 1 : at].isalnum() else None
            if met is not None:
                if met[1] == "CASE":
                    cases += 1
                elif met[1] == "END" and cases:
                    cases -= 1
                elif not cases and not text[max(0, at - 12) : at].endswith("DISTINCT "):
                    return len(text[:at].rstrip())
                at = met.end()
                continue
        at += 1
    return len(text.rstrip())
