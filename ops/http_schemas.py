"""The shapes of the HTTP interface's JSON, as OpenAPI schemas."""

from __future__ import annotations

from collections.abc import Mapping

from ops.verification import STATES as VERIFICATION
from projections.ask import TREES
from projections.reasons import DIRECTIONS
from projections.states import STATES
from schemas.board import BY
from schemas.board_schema import INSPECTIONS, LADDER, RATES
from schemas.measures import MEASURES, OBLIGATION_MEASURES
from schemas.unit_facts import WORDS

Schema = dict[str, object]

COUNT: Schema = {"type": "integer", "minimum": 0}
RATE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}


def schemas() -> Schema:
    """All shapes by name."""
    return _figures() | _units() | _lists() | _past() | _outcomes()


def _figures() -> Schema:
    counts: Schema = dict.fromkeys(OBLIGATION_MEASURES, COUNT)
    counts["inspections"] = obj(dict.fromkeys(INSPECTIONS, COUNT))
    counts |= dict.fromkeys(RATES, RATE)
    ladder: Schema = {"type": ["object", "null"], "properties": dict.fromkeys(LADDER, COUNT)}
    figures = optional(
        obj({"ladder": ladder}), due_this_year=ref("Counts"), carried_over=ref("Counts")
    )
    row = obj({"key": TEXT_OR_NULL, "name": TEXT_OR_NULL}) | {"allOf": [ref("Figures")]}
    group = {"type": "object", "additionalProperties": ref("Figures")}
    offsets = {"type": "object", "additionalProperties": array(COUNT)}
    board: Schema = {
        "unit": TEXT,
        "name": TEXT,
        "level": TEXT,
        "closed": {"type": "boolean"},
        "on": TEXT,
        "known": TEXT_OR_NULL,
        "tree_version": COUNT,
        "position": TEXT,
        "version": COUNT,
        "own": ref("Figures"),
        "subtree": ref("Figures"),
        "by_level": group,
        "by_unit_kind": group,
    }
    return {
        "Counts": obj(counts) | {"description": f"Measures: {', '.join(MEASURES)}."},
        "Figures": figures | {"allOf": [ref("Counts")]},
        "Board": optional(
            obj(board),
            by={"enum": list(BY)},
            rows=array(ref("Row")),
            succession=ref("Succession"),
            positions=ref("Positions"),
            forecast={"type": "boolean"},
            restated=obj({"events": COUNT, "last": TEXT_OR_NULL, "more": {"type": "boolean"}}),
        ),
        "Positions": obj({"units": COUNT, "programmes": COUNT, "events": offsets}),
        "Row": optional(row, inferred={"type": "boolean"}),
        **_succession(),
    }


def _succession() -> Schema:
    """Whose past a board in succession counts. Without figures: named, and counted elsewhere."""
    return {
        "Succession": obj(
            {
                "established_on": TEXT,
                "own_past": ref("Figures"),
                "predecessors": array(ref("Predecessor") | {"allOf": [ref("Figures")]}),
                "elsewhere": array(ref("Predecessor")),
            }
        ),
        "Predecessor": optional(
            obj(
                {
                    "unit": TEXT,
                    "name": TEXT,
                    "level": TEXT,
                    "closed_on": TEXT,
                    "ending": {"enum": list(WORDS)},
                    "into": TEXT,
                    "inferred": {"type": "boolean"},
                }
            ),
            counted={"type": "boolean"},
        ),
    }


def _units() -> Schema:
    unit: Schema = {
        "unit": TEXT,
        "name": TEXT,
        "level": TEXT,
        "kind": TEXT,
        "parent": TEXT_OR_NULL,
        "closed": {"type": "boolean"},
    }
    step = obj({"unit": TEXT, "name": TEXT, "level": TEXT})
    return {
        "Unit": optional(
            obj(unit),
            path=array(step),
            within=TEXT_OR_NULL,
            stands={"type": "boolean"},
            established_on=TEXT,
            closed_on=TEXT_OR_NULL,
            ending={"enum": [*WORDS, None]},
            successors=array(TEXT),
            receiver=TEXT_OR_NULL,
            predecessors=array(ref("Predecessor")),
            aliases=array(TEXT),
            names=array({"type": "object"}),
            parents=array({"type": "object"}),
            conflicts=array({"type": "object"}),
            pending=array({"type": "object"}),
        ),
        **_review(),
        "Units": obj({"units": array(ref("Unit")), "more": {"type": "boolean"}}),
    }


def _review() -> Schema:
    signed: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    reason = obj(
        {
            "direction": {"enum": list(DIRECTIONS)},
            "on": TEXT,
            "what": TEXT,
            "unit": TEXT,
            "name": TEXT,
            "from": TEXT_OR_NULL,
            "to": TEXT_OR_NULL,
            "event_id": TEXT_OR_NULL,
            "inferred": {"type": "boolean"},
            "units": COUNT,
            "counts": signed,
        }
    )
    difference = obj(
        {"tree": TEXT, "counts": signed, "reasons": array(reason), "remainder": signed}
    )
    trees: Schema = dict.fromkeys(TREES, ref("Counts"))
    row = obj({"on": TEXT, "why": array(TEXT), **trees, "differences": array(difference)})
    head: Schema = {
        "unit": TEXT,
        "name": TEXT,
        "from": COUNT,
        "to": COUNT,
        "known": TEXT_OR_NULL,
        "programme": TEXT_OR_NULL,
        "tree_version": COUNT,
        "rows": array(row),
        "reform_days_left_out": COUNT,
        "explained": {"type": "boolean"},
    }
    return {"Review": obj(head)}


def _lists() -> Schema:
    owed: Schema = {
        "obligation": TEXT,
        "unit": TEXT,
        "kind": TEXT,
        "item": TEXT,
        "state": {"enum": list(STATES)},
        "due_before": TEXT_OR_NULL,
    }
    states: Schema = {"type": "object", "additionalProperties": COUNT}
    page = {"page": COUNT, "rows": COUNT, "pages": COUNT, "total": COUNT}
    titles = {"type": "object", "additionalProperties": {"type": "object"}}
    programme = obj({"programme": TEXT, "name": TEXT, "items": titles, "areas": titles})
    lines = {"type": "object", "additionalProperties": TEXT}
    return _rows_of_others() | {
        "Obligation": optional(
            obj(owed),
            unit_name=TEXT,
            area=TEXT_OR_NULL,
            programme=TEXT_OR_NULL,
            period=TEXT_OR_NULL,
            issuer=TEXT_OR_NULL,
            days_overdue={"type": ["integer", "null"]},
            revise_before=TEXT_OR_NULL,
            extended={"type": "boolean"},
            opened_at=TEXT,
            completed_at=TEXT_OR_NULL,
            **dict.fromkeys(("documents", *LADDER), COUNT),
            reminded_at=TEXT_OR_NULL,
            owers=array({"type": "object"}),
            remarks=array({"type": "object"}),
            imported={"type": "boolean"},
        ),
        "Obligations": obj(page | {"states": states, "obligations": array(ref("Obligation"))}),
        "Programmes": obj({"programmes": array(optional(programme, lines=lines))}),
    }


def _rows_of_others() -> Schema:
    return {
        "Waiting": optional(
            obj({}),
            total=COUNT,
            owers=array({"type": "object"}),
            unit_events=array({"type": "object"}),
            obligations=array(obj({"obligation": TEXT, "facts": COUNT})),
        ),
        "LeftOpen": obj(
            {
                "obligations": array(
                    obj(
                        {
                            "obligation": TEXT,
                            "unit": TEXT,
                            "kind": TEXT,
                            "programme": TEXT_OR_NULL,
                            "due_before": TEXT_OR_NULL,
                            "since": TEXT,
                        }
                    )
                ),
                "next": {"type": ["integer", "null"]},
            }
        ),
        "Verification": _verification(),
        "Open": obj({"units": {"type": "object", "additionalProperties": COUNT}}),
        "Refusal": obj({"reason": TEXT, "sentence": TEXT, "where": TEXT}),
    }


def _verification() -> Schema:
    partition = {"partition": COUNT, "offset": COUNT, "at": TEXT, "units": TEXT}
    counts = {"compared": COUNT, "differing": COUNT}
    place = {"unit": TEXT, "measure": TEXT, "day": TEXT, "what": TEXT}
    event = dict.fromkeys(("obligation", "event_id", "recorded_at"), TEXT_OR_NULL)
    sides = {side: {"type": "integer"} for side in ("live", "fold")}
    return obj(
        {
            "state": {"enum": list(VERIFICATION)},
            "round": COUNT,
            "finished_at": TEXT_OR_NULL,
            **counts,
            "partitions": array(obj({**partition, **counts, "remark": TEXT})),
            "differences": array(obj({**place, **sides, **event})),
        }
    )


def _past() -> Schema:
    difference = {"type": "integer"}
    run = obj({"first": TEXT, "last": TEXT, "difference": difference})
    figure: Schema = {
        "event_id": TEXT,
        "recorded_at": TEXT,
        "effective_at": TEXT,
        "obligation": TEXT_OR_NULL,
        "unit": TEXT,
        "unit_name": TEXT,
        "scope": {"enum": ["own", "subtree"]},
        "measure": {"enum": list(MEASURES)},
        "runs": array(run),
    }
    fact: Schema = dict.fromkeys(
        ("event_id", "effect", "unit", "by", "effective_at", "recorded_at"), TEXT
    )
    fact |= dict.fromkeys(("type", "obligation", "source", "corrects"), TEXT_OR_NULL)
    fact["imported"] = {"type": "boolean"}
    step = obj({"at": TEXT, "unit": TEXT, "measure": TEXT, "change": difference})
    figures = array(ref("Restatement"))
    return {
        "Restatement": obj(figure),
        "Restatements": obj({"restatements": figures, "more": {"type": "boolean"}}),
        "Fact": obj(fact),
        "Explained": obj(
            {
                "event": ref("Fact"),
                "restatements": figures,
                "facts_before": array(ref("Fact")),
                "steps_before": array(step),
                "steps_after": array(step),
            }
        ),
    }


def _outcomes() -> Schema:
    line: Schema = {
        "line": COUNT,
        "status": {"enum": ["accepted", "duplicate", "refused"]},
        "event_ids": array(TEXT),
        "reason": TEXT_OR_NULL,
        "sentence": TEXT_OR_NULL,
    }
    counts: Schema = dict.fromkeys(("accepted", "duplicate", "refused"), COUNT)
    sheet = dict.fromkeys(("rows", "accepted", "before"), COUNT)
    bad = array(obj({"cell": TEXT, "sentence": TEXT}))
    return {
        "Outcomes": obj(counts | {"lines": array(obj(line))}),
        "SheetTaken": obj(sheet | {"bad": bad, "position": TEXT}),
    }


def obj(properties: Mapping[str, object]) -> Schema:
    """An object of which all properties are required."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def optional(schema: Schema, **properties: object) -> Schema:
    """The same object with properties that may be absent."""
    held = schema["properties"]
    assert isinstance(held, dict)
    return schema | {"properties": held | properties}


def array(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
