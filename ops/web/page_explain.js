// Where a figure comes from: its obligations with their events, due rules and ways up the tree.

import * as api from "./api.js";
import { h } from "./dom.js";
import { because, event, pager } from "./explained.js";
import { files, head } from "./page_head.js";
import { badge } from "./states.js";
import { day, instant, number, period, t } from "./words.js";

const MEASURES = [
  "assigned", "due", "completed", "completed_of_due", "completed_early", "in_revision", "overdue",
  "on_time", "on_time_of_due", "on_time_original_due", "late", "extended", "cancelled", "no_due",
  "no_due_done", "content", "inspections_conducted", "findings_open", "findings_closed",
];
function choice(view, tools) {
  const options = MEASURES.map((one) =>
    h("option", { value: one, selected: one === (view.measure || "assigned") }, t(`measure.${one}`)));
  const chosen = (event) => tools.go({ measure: event.target.value, cut: "", key: "", page: "" });
  return h("p", {}, h("label", {}, `${t("column.figure")}: `, h("select", { "data-focus": "measure", onchange: chosen }, options)));
}

function way(row, tools) {
  return row.path.map((one, index) => [index ? " → " : "", tools.unitLink(one.unit, one.name)]);
}

function obligation(row, tools, at) {
  const title = row.obligation ?? `${row.programme} ${row.item}`;
  const about = [row.period && period(row.period), `${t("column.since")} ${instant(row.since)}`, `${t("column.because")} ${because(row.because)}`];
  return h("section", { class: "card", "aria-labelledby": `explained-${at}` },
    h("div", { class: "card-head" }, h("h2", { id: `explained-${at}` }, title), row.state ? badge(row.state) : null),
    h("p", {}, about.filter(Boolean).join(" · ")),
    h("p", {}, `${t("explain.path")}: `, way(row, tools)),
    row.due_before
      ? h("p", {}, `${t("column.due_before")} ${day(row.due_before)} · ${t("explain.rule")}: ${row.rule_text ?? "–"}`)
      : null,
    h("ul", {}, row.events.map(event)));
}

export async function content(view, unit, tools) {
  const measure = view.measure || "assigned";
  const given = { measure, programme: view.programme, period: view.period, by: view.cut, key: view.key, page: view.page };
  const found = await api.answer("explain", view, given);
  const cut = found.by ? ` · ${t(`cut.${found.by}`)}: ${found.key}` : "";
  const title = `${unit.name}: ${t(`measure.${measure}`)}${cut}`;
  const verdict = t(found.agrees ? "explain.agrees" : "explain.differs");
  return [
    head(view, title, files(title, api.answerFile("explain", view, given))),
    choice(view, tools),
    h("p", { class: found.agrees ? "notice good" : "notice", role: "status" },
      t("explain.board", { figure: number(found.figure), total: number(found.total) }), ` · ${verdict}`,
      found.remarks.map((one) => h("span", { class: "hint" }, ` · ${one}`))),
    found.rows.map((row, at) => obligation(row, tools, at)),
    pager(found, tools),
  ];
}
