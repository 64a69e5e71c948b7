// The reports that go to a unit or through it: what has not come, what stands how, and one story.

import * as api from "./api.js";
import { part } from "./answer_table.js";
import { h } from "./dom.js";
import { head } from "./page_head.js";
import { address } from "./state.js";
import { period, t } from "./words.js";

const MISSING = {
  title: "text", period: "period", state: "state", due_before: "day", days_overdue: "count",
  reminded: "count", revise_before: "day", reasons: "words:reason",
};
const DUE = {
  title: "text", period: "period", state: "state", due_before: "day", to_names: "text",
  via_name: "text", role: "word:report_role", sent_at: "instant", received_at: "instant",
};
const TRAIL = {
  at: "instant", step: "word:trail", by_name: "text", until: "day", reasons: "words:reason", detail: "text",
  document: "text", recorded_at: "instant",
};

// The first cell of a row leads to the story of its report, on the same page.
const storyLink = (view, go) => (row) => {
  const change = { obligation: row.obligation };
  const follow = (event) => {
    event.preventDefault();
    go(change);
  };
  return h("a", { href: address(view, change), onclick: follow }, row.unit_name);
};

async function story(view) {
  if (!view.obligation) return [];
  const subject = { obligation: view.obligation };
  const found = await api.about("report-trail", subject, view);
  const what = [found.unit_name, found.title ?? found.item, found.period && period(found.period)];
  const title = `${t("reports.trail")}: ${what.filter(Boolean).join(" · ")}`;
  return part("trail", title, TRAIL, found.rows, { file: api.aboutFile("report-trail", subject, view) });
}

export async function content(view, unit, tools) {
  const which = { period: view.period, programme: view.programme };
  // Without a period the two lists would be the same: what is still to be sent.
  const [missing, due, told] = await Promise.all([
    api.answer("report-missing", view, which), view.period && api.answer("report-due", view, which), story(view),
  ]);
  const of = (columns) => ({ unit_name: storyLink(view, tools.go), ...columns });
  const file = (name) => api.answerFile(name, view, which);
  return [
    head(view, `${unit.name}: ${t("page.reports")}`),
    told,
    part("missing", t("reports.missing"), of(MISSING), missing.rows, { file: file("report-missing") }),
    due && part("reports", t("reports.due"), of(DUE), due.rows, { file: file("report-due") }),
  ];
}
