// The big figures of one unit: counts, rates, the stacked bar, this year and carried over.

import { bar, legend, rate } from "./bars.js";
import { h } from "./dom.js";
import { figure } from "./figure_link.js";
import { number, t, word } from "./words.js";

const of = (part, whole) => (whole ? t("ui.of", { part: number(part), whole: number(whole) }) : t("ui.nothing_yet"));

const tile = (kind, measure, count, name, note) =>
  h("div", { class: `tile tile-${kind}` },
    h("div", { class: "tile-name" }, name),
    h("div", { class: "tile-count" }, figure(measure, count)),
    h("div", { class: "tile-note" }, note));

export function hero(counts, link) {
  const revision = counts.in_revision
    ? t("ui.in_revision_note", { count: number(counts.in_revision) })
    : t("ui.due_note");
  return h("section", { class: "card hero", "aria-labelledby": "hero-title" },
    h("h2", { id: "hero-title", class: "unseen" }, t("ui.figures")),
    h("div", { class: "tiles" },
      tile("assigned", "assigned", counts.assigned, t("measure.assigned"), t("ui.assigned_note", { count: number(counts.extended) })),
      tile("due", "due", counts.due, t("measure.due"), revision),
      tile("completed", "completed", counts.completed, t("measure.completed"),
        t("ui.completed_note", { on_time: number(counts.on_time), late: number(counts.late) })),
      tile(counts.overdue ? "overdue" : "calm", "overdue", counts.overdue, t("measure.overdue"),
        counts.overdue ? t("ui.overdue_note") : t("ui.none_overdue"))),
    h("div", { class: "whole" }, bar(counts), legend(counts, link)),
    h("div", { class: "rates" },
      rate(t("measure.completion_rate"), counts.completion_rate, of(counts.completed, counts.assigned), t("hint.completion_rate")),
      rate(t("measure.due_completion_rate"), counts.due_completion_rate, of(counts.completed_of_due, counts.due), t("hint.due_completion_rate")),
      rate(t("measure.on_time_rate"), counts.on_time_rate, of(counts.on_time_of_due, counts.due), t("hint.on_time_rate"))));
}

const line = (name, shown) => h("div", { class: "pair" }, h("dt", {}, name), h("dd", {}, shown));

function column(key_, name, counts, note, lines) {
  return h("div", { class: "column" },
    h("h3", {}, name),
    h("p", { class: "hint" }, note),
    bar(counts, { small: true }),
    h("dl", { class: "pairs" }, lines.map(([key, measure]) => line(t(key), figure(measure, counts[measure], "column", key_)))));
}

export function columns(figures) {
  if (!figures.due_this_year || !figures.carried_over) return null;
  return h("section", { class: "card", "aria-labelledby": "columns-title" },
    h("h2", { id: "columns-title" }, t("ui.columns")),
    h("div", { class: "two" },
      column("due_this_year", t("ui.due_this_year"), figures.due_this_year, t("ui.due_this_year_note"), [
        ["measure.assigned", "assigned"], ["measure.completed", "completed"],
        ["measure.in_revision", "in_revision"], ["measure.overdue", "overdue"]]),
      column("carried_over", t("ui.carried_over"), figures.carried_over, t("ui.carried_over_note"), [
        ["ui.still_open", "assigned"], ["measure.in_revision", "in_revision"],
        ["measure.overdue", "overdue"]])));
}

// Own figures beside the subtree's, then each level and each kind of unit below.
export function within(board) {
  const order = ["centre", "province", "district", "commune"];
  const levels = Object.entries(board.by_level ?? {})
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const kinds = Object.entries(board.by_unit_kind ?? {}).filter(([, counts]) => counts.assigned);
  const row = (name, counts, cut, key) =>
    h("tr", {}, h("th", { scope: "row" }, name),
      h("td", { class: "num" }, figure("assigned", counts.assigned, cut, key)),
      h("td", { class: "num" }, figure("completed", counts.completed, cut, key)),
      h("td", { class: `num${counts.overdue ? " alarm" : ""}` }, figure("overdue", counts.overdue, cut, key)),
      h("td", { class: "bar-cell" }, bar(counts, { small: true })));
  const group = (name, rows) => rows.length
    ? h("tbody", {}, h("tr", { class: "group" }, h("th", { colspan: "5", scope: "rowgroup" }, name)), rows)
    : null;
  return h("section", { class: "card", "aria-labelledby": "within-title" },
    h("h2", { id: "within-title" }, t("ui.within")),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "within-title" },
      h("table", { class: "figures compact" },
        h("caption", {}, t("ui.within")),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("ui.whose")),
          ...["assigned", "completed", "overdue"].map((m) => h("th", { scope: "col", class: "num" }, t(`measure.${m}`))),
          h("th", { scope: "col" }, t("ui.states")))),
        group(t("ui.own_and_subtree"), [row(t("ui.own"), board.own, "child", board.unit), row(t("ui.subtree"), board.subtree)]),
        group(t("ui.by_level"), levels.map(([level, counts]) => row(word("level", level), counts, "level", level))),
        group(t("ui.by_unit_kind"), kinds.map(([kind, counts]) => row(word("unit_kind", kind), counts, "unit_kind", kind))))));
}

// `ladderLink` leads to the page of the documents: they are no obligations.
export function beside(counts, ladderLink) {
  const inspections = counts.inspections ?? {};
  const ladder = counts.ladder ?? {};
  const explained = (measure, count) => [t(`measure.${measure}`), figure(measure, count)];
  const block = (title, list) =>
    h("div", { class: "beside-block" }, h("h3", {}, title), h("dl", { class: "pairs" }, list.map(([n, shown]) => line(n, shown))));
  return h("section", { class: "card", "aria-labelledby": "beside-title" },
    h("h2", { id: "beside-title" }, t("ui.beside")),
    h("div", { class: "three" },
      block(t("ui.inspections"), [
        explained("inspections_conducted", inspections.conducted),
        explained("findings_open", inspections.findings_open),
        explained("findings_closed", inspections.findings_closed)]),
      block(t("ui.ladder"), ["urged", "reminded", "criticised"].map((note) =>
        [t(`measure.${note}`), ladder[note] ? ladderLink(number(ladder[note])) : number(ladder[note])])),
      block(t("ui.outside"), ["no_due", "no_due_done", "cancelled", "content"].map((measure) =>
        explained(measure, counts[measure])))));
}
