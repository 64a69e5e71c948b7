// The ladder of a year: documents that urged, reminded, criticised; who is still overdue after
// reminders; and the year's figures of the unit and of each right below it.

import * as api from "./api.js";
import { part } from "./answer_table.js";
import { h } from "./dom.js";
import { head } from "./page_head.js";
import { number, t, today, word } from "./words.js";

const DOCUMENTS = {
  at: "instant", note: "word:measure", document: "text", by_name: "text", role: "word:role",
  pressed: "text", named: "count",
};
const CANDIDATES = {
  unit: "unit", item: "text", period: "period", due_before: "day", days_overdue: "count",
  reminded: "count", criticised: "count",
};
const FIGURES = [
  "tasks_due", "tasks_on_time", "tasks_late", "tasks_overdue",
  "reports_due", "reports_on_time", "reports_late", "reports_overdue",
  "reminded", "criticised", "findings_open", "findings_closed",
];
const YEAR = { unit: "unit", ...Object.fromEntries(FIGURES.map((key) => [key, "count"])) };

function years(year, go) {
  const to = (other, key) =>
    h("button", { type: "button", class: "quiet", "data-focus": `year-${key}`, onclick: () => go({ year: String(other) }) },
      t("ladder.year", { year: other }));
  return h("nav", { class: "pager", "aria-label": t("ladder.year", { year }) },
    to(year - 1, "previous"), h("span", {}, t("ladder.year", { year })), to(year + 1, "next"));
}

export async function content(view, unit, tools) {
  const year = Number(view.year ?? (view.on ?? today()).slice(0, 4));
  const ask = (name) => api.answer(name, view, { year });
  const [told, after, figures] = await Promise.all([ask("ladder"), ask("candidates"), ask("year")]);
  const counts = ["urged", "reminded", "criticised"].map((note) => `${word("measure", note)}: ${number(told[note])}`);
  const file = (name) => api.answerFile(name, view, { year });
  return [
    head(view, `${unit.name}: ${t("page.ladder")}`),
    years(year, tools.go),
    part("ladder", t("ladder.documents"), DOCUMENTS, told.rows, { hint: counts.join(" · "), file: file("ladder"), tools }),
    part("candidates", t("ladder.candidates"), CANDIDATES, after.rows, { hint: t("ladder.a_person_decides"), file: file("candidates"), tools }),
    part("year", t("ladder.figures"), YEAR, figures.rows, { hint: `SHA-256: ${figures.sha256}`, file: file("year"), tools }),
  ];
}
