// The figures taken apart: the units below, and by kind, area, item, period or month of the due.

import { bar, grade } from "./bars.js";
import { h } from "./dom.js";
import { figure } from "./figure_link.js";
import { sortable } from "./table.js";
import { number, percent, t, word } from "./words.js";

export const CUTS = [
  "kind", "area", "item", "period", "due_month", "due_year", "level", "unit_kind",
  "programme", "sector", "oversight",
];

const rateCell = (value) =>
  h("span", { class: `grade grade-${grade(value)}` }, percent(value));

// `cut`: of which these are the rows; each figure leads to where it comes from.
function figureColumns(cut) {
  const count = (key) => ({
    key, head: t(`measure.${key}`), number: true, first: "down",
    value: (row) => row[key],
    show: (row) => h("span", { class: key === "overdue" && row[key] ? "alarm" : "" }, figure(key, row[key], cut, row.key)),
  });
  const share = (key) => ({
    key, head: t(`measure.${key}`), title: t(`hint.${key}`), number: true,
    value: (row) => row[key], show: (row) => rateCell(row[key]),
  });
  return [
    count("assigned"), count("due"), count("completed"), count("overdue"),
    share("due_completion_rate"), share("on_time_rate"),
    { key: "states", head: t("ui.states"), value: (row) => row.completion_rate, show: (row) => bar(row, { small: true }) },
  ];
}

export function children(rows, link) {
  const first = {
    key: "name", head: t("ui.unit"), value: (row) => row.name,
    show: (row) => [
      row.own ? row.name : link(row.unit, row.name),
      h("small", { class: "under" },
        [row.kind ? word("unit_kind", row.kind) : null, row.closed ? t("ui.closed") : null].filter(Boolean).join(" · ")),
    ],
  };
  return h("section", { class: "card", "aria-labelledby": "children-title" },
    h("div", { class: "card-head" },
      h("h2", { id: "children-title" }, t("ui.children")),
      h("span", { class: "hint" }, t("ui.children_count", { count: number(rows.filter((row) => !row.own).length) }))),
    rows.some((row) => !row.own)
      ? sortable("children", t("ui.children"), [first, ...figureColumns("child")], rows, (row) => (row.closed ? "closed" : ""))
      : h("p", { class: "hint" }, t("ui.no_children")));
}

// The name of a slice's key: words for closed lists, titles of the programme for items and areas.
export function nameOf(cut, key, titles) {
  if (key === null || key === "" || key === undefined) return t("ui.without");
  if (cut === "kind") return word("kind", key);
  if (cut === "area") return titles.area(key) ?? word("area", key);
  if (cut === "level") return word("level", key);
  if (cut === "unit_kind") return word("unit_kind", key);
  if (cut === "due_month") return `${key.slice(5, 7)}/${key.slice(0, 4)}`;
  if (cut === "item") return titles.item(key) ? `${key} · ${titles.item(key)}` : key;
  return key;
}

const counted = (row) => row.assigned || row.no_due || row.cancelled;

export function slices(cut, given, titles, choose) {
  // Content of programmes is in no rate: it is told in one line instead of rows of zeros.
  const rows = given && given.filter(counted);
  const content = (given ?? []).reduce((sum, row) => sum + (row.content ?? 0), 0);
  const first = {
    key: "name", head: t(`cut.${cut}`), value: (row) => row.key ?? "",
    show: (row) => [
      row.key && row.name ? row.name : nameOf(cut, row.key, titles),
      row.inferred ? h("small", { class: "under" }, t("ui.inferred")) : null,
    ],
  };
  const tab = (one) =>
    h("button", {
      type: "button", class: "tab", "aria-pressed": String(one === cut), onclick: () => choose(one), "data-focus": `cut-${one}`,
    }, t(`cut.${one}`));
  return h("section", { class: "card", "aria-labelledby": "slices-title" },
    h("div", { class: "card-head" },
      h("h2", { id: "slices-title" }, t("ui.slices")),
      h("div", { class: "tabs", role: "group", "aria-label": t("ui.slices") }, CUTS.map(tab))),
    rows === null
      ? h("p", { class: "waiting" }, t("ui.loading"))
      : rows.length
        ? sortable(`slices-${cut}`, t("ui.slices"), [first, ...figureColumns(cut)], rows)
        : h("p", { class: "hint" }, t("ui.nothing_assigned")),
    content ? h("p", { class: "hint below" }, t("ui.content_note", { count: number(content) })) : null);
}
