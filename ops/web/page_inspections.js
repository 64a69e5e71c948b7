// Inspections of a unit and all below it: what is still owed, what the year covered, what is open.

import * as api from "./api.js";
import { part } from "./answer_table.js";
import { head } from "./page_head.js";
import { lang, t } from "./words.js";

const DUE = {
  unit_name: "text", kind: "word:kind", state: "state", due_before: "day", suggested: "day", planned_on: "day",
};
const COVERAGE = {
  unit_name: "text", duties_owed: "count", duties_done: "count", inspections: "count",
  unannounced: "count", subjects_count: "count", inspected: "count", never: "count",
  areas_count: "count", findings_open: "count", findings_closed: "count",
};
const SUBJECTS = {
  unit_name: "text", inspected_times: "count", last_on: "day", bodies: "text", planned_by: "text",
};
const FINDINGS = {
  unit_name: "text", finding: "word:finding", state: "state", due_before: "day", inspector: "text",
  finding_text: "text",
};

export async function content(view, unit) {
  const year = { year: view.year };
  const [due, covered, subjects, findings] = await Promise.all([
    api.answer("inspection-due", view),
    api.answer("inspection-coverage", view, year),
    api.answer("inspection-subjects", view, year),
    api.answer("findings", view),
  ]);
  const period = lang() === "vi" ? due.quarter_name : due.quarter;
  const file = (name, extra) => api.answerFile(name, view, extra);
  return [
    head(view, `${unit.name}: ${t("page.inspections")}`),
    part("findings", t("inspections.findings"), FINDINGS, findings.rows, { file: file("findings") }),
    part("due", t("inspections.due", { period }), DUE, due.rows, { file: file("inspection-due") }),
    part("coverage", t("inspections.coverage", { year: covered.year }), COVERAGE, covered.rows, { file: file("inspection-coverage", year) }),
    part("subjects", t("inspections.subjects", { year: subjects.year }), SUBJECTS, subjects.rows, { file: file("inspection-subjects", year) }),
  ];
}
