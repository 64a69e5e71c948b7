// Inspections of a unit and all below it: what is still owed, what the year covered, what is open.

import * as api from "./api.js";
import { h } from "./dom.js";
import { day, lang, number, t, word } from "./words.js";

const text = (value) => value ?? "";
const dated = (value) => (value ? day(value) : "");
const state = (row) => t(`state.${row.state}`);

const DUE = {
  unit_name: (row) => row.unit_name, kind: (row) => word("kind", row.kind), state,
  due_before: (row) => dated(row.due_before), suggested: (row) => dated(row.suggested),
  planned_on: (row) => dated(row.planned_on),
};
const COUNTS = [
  "duties_owed", "duties_done", "inspections", "unannounced", "subjects_count", "inspected",
  "never", "areas_count", "findings_open", "findings_closed",
];
const COVERAGE = {
  unit_name: (row) => row.unit_name,
  ...Object.fromEntries(COUNTS.map((key) => [key, (row) => number(row[key])])),
};
const SUBJECTS = {
  unit_name: (row) => row.unit_name, inspected_times: (row) => number(row.inspected_times),
  last_on: (row) => dated(row.last_on), bodies: (row) => row.bodies,
  planned_by: (row) => row.planned_by,
};
const FINDINGS = {
  unit_name: (row) => row.unit_name, finding: (row) => word("finding", row.finding), state,
  due_before: (row) => dated(row.due_before), inspector: (row) => row.inspector,
  finding_text: (row) => text(row.finding_text),
};

const table = (title, columns, rows) => [
  h("h2", {}, title),
  h("table", {},
    h("thead", {}, h("tr", {},
      Object.keys(columns).map((key) => h("th", { scope: "col" }, t(`column.${key}`))))),
    h("tbody", {}, rows.map((row) =>
      h("tr", {}, Object.values(columns).map((cell) => h("td", {}, cell(row))))))),
  h("p", { class: "hint" }, t("answer.rows", { count: rows.length })),
];

export async function content(view, unit) {
  const year = { year: view.year };
  const [due, covered, subjects, findings] = await Promise.all([
    api.answer("inspection-due", view),
    api.answer("inspection-coverage", view, year),
    api.answer("inspection-subjects", view, year),
    api.answer("findings", view),
  ]);
  const period = lang() === "vi" ? due.quarter_name : due.quarter;
  return [
    h("h1", {}, `${unit.name}: ${t("page.inspections")}`),
    ...table(t("inspections.due", { period }), DUE, due.rows),
    ...table(t("inspections.coverage", { year: covered.year }), COVERAGE, covered.rows),
    ...table(t("inspections.subjects", { year: subjects.year }), SUBJECTS, subjects.rows),
    ...table(t("inspections.findings"), FINDINGS, findings.rows),
  ];
}
