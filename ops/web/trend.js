// The last twelve month ends and the chosen day, a stacked column each; a column leads to its day.

import * as api from "./api.js";
import { parts } from "./bars.js";
import { h } from "./dom.js";
import { addDays, day, number, percent, t, today } from "./words.js";

const MONTHS = 12;

// The last days of the months before a day, oldest first, then the day itself.
export function daysUpTo(on) {
  const days = [on];
  let first = `${on.slice(0, 8)}01`;
  for (let month = 0; month < MONTHS; month += 1) {
    const end = addDays(first, -1);
    days.unshift(end);
    first = `${end.slice(0, 8)}01`;
  }
  return days;
}

// A unit has no column of the months before it was established.
function beforeItStood(error) {
  if (error.reason === "not_yet") return null;
  throw error;
}

// Figures of the subtree for each day; one answer after the other, so that nobody has to wait.
export async function fetchTrend(view, wanted) {
  const points = [];
  for (const on of daysUpTo((view.on || today()).slice(0, 10))) {
    if (!wanted()) return null;
    const live = !view.on && on === today();
    const board = await api.board({ ...view, on: live ? "" : on }).catch(beforeItStood);
    if (board) points.push({ on, counts: board.subtree });
  }
  return points;
}

const told = ({ on, counts }) =>
  `${day(on)}: ${parts(counts).filter((p) => p.count).map((p) => `${t(`part.${p.key}`)} ${number(p.count)}`).join(", ") || t("ui.nothing_assigned")}`;

function column(point, most, link) {
  const { counts } = point;
  const stack = h("span", { class: "stack", "--share": most ? counts.assigned / most : 0 },
    parts(counts).filter((part) => part.count > 0).reverse().map((part) =>
      h("span", { class: `seg seg-${part.key}`, "--share": part.count })));
  const label = point.on.slice(5, 7) === "01" || point.first
    ? `${point.on.slice(5, 7)}/${point.on.slice(0, 4)}` : point.on.slice(5, 7);
  const content = [
    h("span", { class: `tip${counts.overdue ? " alarm" : ""}`, "aria-hidden": "true" }, counts.overdue ? number(counts.overdue) : ""),
    stack,
    h("span", { class: "month", "aria-hidden": "true" }, label),
    h("span", { class: "unseen" }, told(point)),
  ];
  const anchor = link(point.on, content);
  anchor.title = `${told(point)}; ${t("measure.due_completion_rate")}: ${percent(counts.due_completion_rate)}`;
  return h("li", {}, anchor);
}

export function trend(points, link) {
  const most = points ? Math.max(...points.map((point) => point.counts.assigned)) : 0;
  return h("section", { class: "card", "aria-labelledby": "trend-title" },
    h("div", { class: "card-head" },
      h("h2", { id: "trend-title" }, t("ui.trend")), h("span", { class: "hint" }, t("ui.trend_note"))),
    points === null
      ? h("p", { class: "waiting trend-place" }, t("ui.loading"))
      : most
        ? h("ol", { class: "trend" }, points.map((point, index) => column({ ...point, first: index === 0 }, most, link)))
        : h("p", { class: "hint" }, t("ui.nothing_assigned")));
}
