"""Sites in Python: every place of a fold at which one operator, constant or term may be changed.

They are found in the syntax tree and changed in the text, so that a mutant has the lines of its
file. What bears on no figure has no sites: see NOT_COUNTED.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

NOT_COUNTED = frozenset(
    {"notes", "claimed_at", "backdated", "imported", "text", "waiting_text", "source_seq"}
)
"""What the fold keeps for people and for restatements beside the figures: notes, flags, origins.
The engines are compared by their figures, in which none of it shows."""
LIMITS = re.compile(r"_?[A-Z]+(_[A-Z]+)*\Z")
"""Names of a module's constants: limits, and tables of which any figure would betray a change."""


class Site(NamedTuple):
    """One change of one place: bytes `start` to `end` of a module's source become `text`."""

    module: str
    path: str
    line: int
    start: int
    end: int
    text: str
    what: str

    def applied(self, source: bytes) -> bytes:
        """The source of the mutant."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """`before → after`, as much of the line as is needed."""
        begin = source.rfind(b"\n", 0, self.start) + 1
        end = source.find(b"\n", self.end)
        head, tail = source[begin : self.start], source[self.end : end]
        before = head + source[self.start : self.end] + tail
        after = head + self.text.encode() + tail
        return f"{_squeezed(before)} → {_squeezed(after)}"


def _squeezed(text: bytes) -> str:
    return " ".join(text.decode().split())


_COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_BINARY = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.FloorDiv: ("//", "*"),
    ast.Mult: ("*", "+"),
}
_CALLED = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "minimum": "maximum",
    "maximum": "minimum",
}
_PHASES = ("OPEN", "DECLARED", "DONE", "RETURNED", "DROPPED")


def sites_of(module: str, path: str, source: bytes, only: frozenset[str] | None) -> list[Site]:
    """The sites of a module; `only`: in these of its functions and classes (None: all of it)."""
    finder = _Finder(module, path, source)
    for node in ast.parse(source).body:
        if only is None or getattr(node, "name", "") in only:
            finder.visit(node)
    return sorted(set(finder.found), key=lambda site: (site.start, site.end, site.text))


Placed = ast.expr | ast.stmt | ast.keyword
"""A node that stands somewhere in a file."""


class _Finder(ast.NodeVisitor):
    def __init__(self, module: str, path: str, source: bytes) -> None:
        self.found: list[Site] = []
        self._module = module
        self._path = path
        self._source = source
        self._lines = [0, *(at.end() for at in re.finditer(rb"\n", source))]

    def _start(self, node: Placed) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: Placed) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: Placed) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _put(self, start: int, end: int, text: str, what: str) -> None:
        line = self._source.count(b"\n", 0, start) + 1
        self.found.append(Site(self._module, self._path, line, start, end, text, what))

    def _instead(self, node: Placed, text: str, what: str) -> None:
        self._put(self._start(node), self._end(node), text, what)

    def _between(self, left: Placed, right: Placed, old: str, new: str, what: str) -> None:
        """Change the operator between two operands."""
        start = self._end(left)
        between = self._source[start : self._start(right)].decode()
        word = re.compile(rf"(?<![\w<>=!]){re.escape(old)}(?![\w<>=])")
        if (met := word.search(between)) is not None:
            self._put(start + met.start(), start + met.end(), new, what)

    # What has no sites

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Asserts say what holds anyway."""

    def visit_Raise(self, node: ast.Raise) -> None:
        """Nor do refusals count."""

    def visit_Import(self, node: ast.Import) -> None:
        """Names only."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Text."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and not _bears_on_nothing(node.target):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        named = all(isinstance(to, ast.Name) and LIMITS.match(to.id) for to in node.targets)
        if not named and not _is_beside(node):
            self.visit(node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in NOT_COUNTED:
            self.visit(node.value)

    # What has

    def visit_If(self, node: ast.If) -> None:
        asked = any(_bears_on_nothing(part) for part in ast.walk(node.test))
        if asked or all(isinstance(one, ast.Assign) and _is_beside(one) for one in node.body):
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        """A single comparison is turned round by its operator."""
        single = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not single and not isinstance(test, ast.UnaryOp):
            self._instead(test, f"not ({self._text(test)})", "negated")

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for at, operator in enumerate(node.ops):
            old, new = _COMPARED[type(operator)]
            self._between(operands[at], operands[at + 1], old, new, "comparison")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for at, value in enumerate(node.values):
            if at:
                self._between(node.values[at - 1], value, old, new, "and/or")
            rest = [self._text(one) for one in node.values if one is not value]
            self._instead(node, f"({f' {old} '.join(rest)})", "dropped term")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.Invert):
            self._instead(node, f"({self._text(node.operand)})", "negated")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in _BINARY:
            old, new = _BINARY[type(node.op)]
            self._between(node.left, node.right, old, new, "operator")
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            self._instead(node, f"({self._text(node.left)})", "dropped term")
            self._instead(node, f"({self._text(node.right)})", "dropped term")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in _BINARY and not _bears_on_nothing(node.target):
            old, new = _BINARY[type(node.op)]
            self._between(node.target, node.value, f"{old}=", f"{new}=", "operator")
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._instead(node, str(not node.value), "constant")
        elif isinstance(node.value, int):
            self._instead(node, str(node.value + 1), "constant")
            self._instead(node, str(node.value - 1), "constant")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "Phase":
            other = _PHASES[_PHASES.index(node.attr) - 1]
            self._instead(node, f"Phase.{other}", "constant")
        self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        if isinstance(node.body, ast.Tuple):
            self._drop_last(node.body)
        self.generic_visit(node)

    def _drop_last(self, node: ast.Tuple) -> None:
        kept = ", ".join(self._text(one) for one in node.elts[:-1])
        self._instead(node, f"({kept},)", "dropped term")

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        name = getattr(called, "id", getattr(called, "attr", ""))
        if name in _CALLED:
            end = self._end(called)
            self._put(end - len(name), end, _CALLED[name], "function")
        if name == "where" and len(node.args) == 3:
            self._instead(node.args[0], f"~({self._text(node.args[0])})", "negated")
        if name == "_replace":
            self._drop_each_keyword(node)
        self.generic_visit(node)

    def _drop_each_keyword(self, node: ast.Call) -> None:
        for one in node.keywords:
            if one.arg not in NOT_COUNTED:
                kept = ", ".join(self._text(other) for other in node.keywords if other is not one)
                self._instead(node, f"{self._text(node.func)}({kept})", "dropped term")


def _bears_on_nothing(node: ast.AST) -> bool:
    """Whether it is a name, or a place in something of a name, of which no figure is made."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id in NOT_COUNTED


def _is_beside(node: ast.Assign) -> bool:
    return all(map(_bears_on_nothing, node.targets))
