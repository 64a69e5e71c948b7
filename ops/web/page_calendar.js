// The calendar of a unit: what it owes in a month, to whom, by when; and what is late or undated.

import * as api from "./api.js";
import { h } from "./dom.js";
import { files, head } from "./page_head.js";
import { badge } from "./states.js";
import { day, number, period, t, today } from "./words.js";

const COLUMNS = ["due_before", "state", "title", "ower", "to", "via", "document", "together"];

// YYYY-MM of the month so many months away.
function monthAway(month, months) {
  const [year, number_] = month.split("-").map(Number);
  const place = year * 12 + number_ - 1 + months;
  return `${Math.floor(place / 12)}-${String((place % 12) + 1).padStart(2, "0")}`;
}

function left(row) {
  if (row.days_overdue) return h("small", { class: "under alarm" }, t("ui.days_overdue", { count: number(row.days_overdue) }));
  if (row.days_left === null) return null;
  return h("small", { class: "under" }, t("calendar.left", { count: number(row.days_left) }));
}

// What a reader should know before sending: figures to be estimated, the level that it passes by.
const hints = (row) =>
  [row.estimate_from ? t("calendar.estimate", { day: day(row.estimate_from) }) : null,
    row.skips ? t("calendar.skips", { units: row.skips }) : null]
    .filter(Boolean).map((text) => h("span", { class: "mark" }, text));

const cells = (row) => ({
  due_before: [row.due_before ? day(row.due_before) : t("state.no_due"), left(row)],
  state: badge(row.state),
  title: [h("span", { class: "title" }, row.title ?? `${t(`kind.${row.kind}`)} ${row.item}`),
    h("small", { class: "under" }, [row.item, row.period && period(row.period)].filter(Boolean).join(" · "), hints(row))],
  ower: row.ower, to: row.to, via: row.via, document: row.document, together: row.together,
});

// Columns that say something; on a phone each cell bears its own heading.
const CLASSES = { due_before: "col-due", state: "col-state", title: "col-what", ower: "col-unit" };
function table(rows) {
  const shown = COLUMNS.filter((key) => rows.some((row) => row[key]));
  const cell = (row) => (key) =>
    h("td", { class: CLASSES[key], "data-name": t(`column.${key}`) }, cells(row)[key] ?? "");
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("page.calendar") },
    h("table", { class: "figures list answers" },
      h("thead", {}, h("tr", {}, shown.map((key) => h("th", { scope: "col" }, t(`column.${key}`))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, shown.map(cell(row)))))));
}

const step = (month, months, name, key, go) =>
  h("button", { type: "button", class: "quiet", "data-focus": key,
    onclick: () => go({ month: monthAway(month, months) }) }, name);

export async function content(view, unit, { go }) {
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(view.month ?? "") ? view.month : (view.on ?? today()).slice(0, 7);
  const found = await api.answer("calendar", view, { period: month });
  const title = `${unit.name}: ${t("page.calendar")}`;
  return [
    head(view, title, files(title, api.answerFile("calendar", view, { period: month }))),
    h("nav", { class: "pager", "aria-label": t("calendar.months") },
      step(month, -1, t("calendar.before"), "month-before", go),
      h("span", {}, t("calendar.month", { month: Number(month.slice(5)), year: month.slice(0, 4) })),
      step(month, 1, t("calendar.after"), "month-after", go)),
    h("section", { class: "card" },
      found.rows.length ? table(found.rows) : h("p", { class: "hint" }, t("calendar.nothing")),
      h("p", { class: "hint" }, t("answer.rows", { count: number(found.rows.length) }),
        found.more ? ` · ${t("calendar.more")}` : "")),
  ];
}
