// The reports that go to a unit or through it: what has not come, what stands how, and one story.

import * as api from "./api.js";
import { h } from "./dom.js";
import { address } from "./state.js";
import { day, instant, t, word } from "./words.js";

const orNothing = (value, shown) => (value === null || value === undefined ? "" : shown(value));
const KINDS = {
  state: (value) => t(`state.${value}`),
  role: (value) => t(`report_role.${value}`),
  step: (value) => t(`trail.${value}`),
  reasons: (value) => value.split(", ").map((one) => word("reason", one)).join(", "),
  due_before: day,
  revise_before: day,
  until: day,
  sent_at: instant,
  received_at: instant,
  at: instant,
  recorded_at: instant,
};
const MISSING = ["unit_name", "title", "period", "state", "due_before", "days_overdue", "reminded", "revise_before", "reasons"];
const DUE = ["unit_name", "title", "period", "state", "due_before", "to_names", "via_name", "role", "sent_at", "received_at"];
const TRAIL = ["at", "step", "by_name", "until", "reasons", "detail", "document", "recorded_at"];

function table(columns, rows, first = (row, shown) => shown) {
  const shown = (row, key) => orNothing(row[key], KINDS[key] ?? String);
  const cells = (row) => columns.map((key, place) => h("td", {}, place ? shown(row, key) : first(row, shown(row, key))));
  return [
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(`column.${key}`))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row))))),
    h("p", { class: "hint" }, t("answer.rows", { count: rows.length })),
  ];
}

// The first cell of a row leads to the story of its report, on the same page.
const storyLink = (view, go) => (row, shown) => {
  const change = { obligation: row.obligation };
  const follow = (event) => {
    event.preventDefault();
    go(change);
  };
  return h("a", { href: address(view, change), onclick: follow }, shown);
};

async function story(view) {
  if (!view.obligation) return [];
  const found = await api.story("report-trail", view.obligation, view);
  return [h("h2", {}, `${t("reports.trail")}: ${found.unit_name} · ${found.title ?? found.item} ${found.period ?? ""}`), table(TRAIL, found.rows)];
}

export async function content(view, unit, tools) {
  const which = { period: view.period, programme: view.programme };
  // Without a period the two lists would be the same: what is still to be sent.
  const [missing, due, told] = await Promise.all([
    api.answer("report-missing", view, which), view.period && api.answer("report-due", view, which), story(view),
  ]);
  const link = storyLink(view, tools.go);
  return [
    h("h1", {}, `${unit.name}: ${t("page.reports")}`),
    told,
    h("h2", {}, t("reports.missing")), table(MISSING, missing.rows, link),
    due && [h("h2", {}, t("reports.due")), table(DUE, due.rows, link)],
  ];
}
