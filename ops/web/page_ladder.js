// The ladder of a year: documents that urged, reminded, criticised; who is still overdue after
// reminders; and the year's figures of the unit and of each right below it.

import * as api from "./api.js";
import { h } from "./dom.js";
import { sortable } from "./table.js";
import { day, instant, number, t, today, word } from "./words.js";

const plain = (key) => ({ key, head: t(`column.${key}`), value: (row) => row[key] ?? "", show: (row) => row[key] ?? "" });
const counted = (key) => ({ ...plain(key), number: true, value: (row) => row[key], show: (row) => number(row[key]), first: "down" });
const shownAs = (key, show) => ({ ...plain(key), show: (row) => (row[key] ? show(row[key]) : "") });
const linked = (link) => ({ ...plain("name"), show: (row) => link(row.unit, row.name) });

const documents = () => [
  shownAs("at", instant), shownAs("note", (note) => word("measure", note)), plain("document"), plain("by_name"),
  shownAs("role", (role) => word("role", role)), plain("pressed"), counted("named"),
];

const candidates = (link) => [
  linked(link), plain("item"), plain("period"), shownAs("due_before", day), counted("days_overdue"),
  counted("reminded"), counted("criticised"),
];

const FIGURES = [
  "tasks_due", "tasks_on_time", "tasks_late", "tasks_overdue",
  "reports_due", "reports_on_time", "reports_late", "reports_overdue",
  "reminded", "criticised", "findings_open", "findings_closed",
];

function part(name, title, columns, found, hint) {
  return h("section", { class: "card", "aria-labelledby": `${name}-title` },
    h("div", { class: "card-head" },
      h("h2", { id: `${name}-title` }, title),
      h("span", { class: "hint" }, t("answer.rows", { count: number(found.rows.length) }))),
    hint ? h("p", { class: "hint" }, hint) : null,
    found.rows.length ? sortable(name, title, columns, found.rows) : null);
}

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
  return [
    h("h1", {}, `${unit.name}: ${t("page.ladder")}`),
    years(year, tools.go),
    part("ladder", t("ladder.documents"), documents(), told,
      ["urged", "reminded", "criticised"].map((note) => `${word("measure", note)}: ${number(told[note])}`).join(" · ")),
    part("candidates", t("ladder.candidates"), candidates(tools.unitLink), after, t("ladder.a_person_decides")),
    part("year", t("ladder.figures"), [linked(tools.unitLink), ...FIGURES.map(counted)], figures,
      `SHA-256: ${figures.sha256}`),
  ];
}
