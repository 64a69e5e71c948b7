// The contents of a programme: what, who leads, by when, what has come of it; and what lacks these.

import * as api from "./api.js";
import { h } from "./dom.js";
import { files, head } from "./page_head.js";
import { lang, number, t, word } from "./words.js";

// What is shown: all, what is counted or not, or what names no lead or no date.
const SHOWN = ["all", "counted", "content", "lead", "date"];
const LACKS = ["lead", "date"];
const KEPT = { counted: (row) => row.counted, content: (row) => !row.counted };
const COLUMNS = ["title", "lead", "due_text", "obligations"];

function select(id, label, value, options, onChosen) {
  return h("div", { class: `field field-${id}` }, h("label", { for: id }, label),
    h("select", { id, "data-focus": id, onchange: (event) => onChosen(event.target.value) },
      options.map(([code, text]) => h("option", { value: code, selected: code === value }, text))));
}

function marks(row, held) {
  const lines = held.lines?.[row.item];
  return [
    row.counted ? t("programme.counted") : null,
    row.inferred ? t("programme.inferred") : null,
    lines ? t("programme.lines", { lines }) : null,
  ].filter(Boolean).map((text) => h("span", { class: "mark" }, text));
}

// A heading lacks nothing: its rows have leads and dates, it has none.
const lacking = (row, code, prefix) => row.item_kind !== "container" && h("span", { class: "lacks" }, h("span", { "aria-hidden": "true" }, "? "), word(prefix, code));

const cells = (row, held) => ({
  title: [h("span", { class: "title" }, `${row.item}. ${held.items?.[row.item]?.[lang()] ?? row.title}`),
    h("small", { class: "under" },
      [word("item_kind", row.item_kind), row.area ? held.areas?.[row.area]?.[lang()] ?? word("area", row.area) : null].filter(Boolean).join(" · "),
      marks(row, held))],
  lead: [row.lead === "unassigned" ? lacking(row, row.lead, "lead") : row.lead,
    row.helpers ? h("small", { class: "under" }, t("programme.helpers", { units: row.helpers })) : null],
  due_text: [row.due_text === "no_date" ? lacking(row, row.due_text, "due") : row.due_text,
    row.depends_on ? h("small", { class: "under" }, t("programme.waits", { items: row.depends_on })) : null],
  obligations: row.obligations
    ? [t("programme.owed", { count: number(row.obligations) }),
      row.overdue ? h("small", { class: "under alarm" }, `! ${t("measure.overdue")}: ${number(row.overdue)}`) : null]
    : "",
});

const CLASSES = { title: "col-what", lead: "col-unit", due_text: "col-when", obligations: "col-owed" };
function table(rows, held, title) {
  const line = (row) => {
    const written = cells(row, held);
    return h("tr", { class: row.item_kind === "container" ? "heading-row" : null }, COLUMNS.map((key, place) =>
      h(place ? "td" : "th", { scope: place ? null : "row", class: CLASSES[key], "data-name": t(`column.${key}`) }, written[key])));
  };
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
    h("table", { class: "figures answers" },
      h("thead", {}, h("tr", {}, COLUMNS.map((key) => h("th", { scope: "col", class: CLASSES[key] }, t(`column.${key}`))))),
      h("tbody", {}, rows.map(line))));
}

export async function content(view, unit, { go, programmes }) {
  const title = t("page.programme");
  const held = programmes.find((one) => one.programme === view.programme) ?? programmes.find((one) => one.unit === unit.unit) ?? programmes[0];
  if (!held) return [head(view, title), h("p", { class: "card hint" }, t("programme.none"))];
  const shown = SHOWN.includes(view.rows) ? view.rows : "all";
  const subject = { programme: held.programme };
  const without = { without: LACKS.includes(shown) ? shown : null };
  const found = await api.about("programme-items", subject, view, without);
  const rows = found.rows.filter(KEPT[shown] ?? (() => true));
  return [
    head(view, title, files(title, api.aboutFile("programme-items", subject, view, without))),
    h("form", { class: "controls", onsubmit: (event) => event.preventDefault() },
      select("programme", t("ui.programme"), held.programme, programmes.map((one) => [one.programme, one.name]), (programme) => go({ programme })),
      select("rows", t("programme.rows"), shown, SHOWN.map((code) => [code, t(`programme.${code}`)]), (one) => go({ rows: one === "all" ? "" : one }))),
    h("section", { class: "card" },
      rows.length ? table(rows, held, title) : h("p", { class: "hint" }, t("programme.nothing")),
      h("p", { class: "hint below" }, t("answer.rows", { count: number(rows.length) }))),
  ];
}
