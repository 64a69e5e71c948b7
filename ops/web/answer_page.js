// A page that is the table of one question's answer: its columns, and how their cells are written.

import * as api from "./api.js";
import { h } from "./dom.js";
import { day, instant, number, percent, t, word } from "./words.js";

const WRITTEN = {
  text: (value) => value,
  day,
  instant,
  count: number,
  score: number,
  rate: percent,
  flag: (value) => (value ? t("ui.yes") : ""),
};
const RIGHT = new Set(["count", "score", "rate"]);

const empty = (value) => value === null || value === undefined;

// Where there is no figure there is no data, which is not 0.
function written(value, kind) {
  if (empty(value)) return RIGHT.has(kind) ? "–" : "";
  const [list, prefix] = kind.split(":");
  return list === "word" ? word(prefix, value) : WRITTEN[kind](value);
}

// `columns`: key -> kind (text, day, instant, count, score, rate, flag, word:prefix, unit).
// `given`: the parameters of the question, from what is looked at.
export function answerPage(name, columns, given = () => ({})) {
  const keys = Object.keys(columns);
  const cell = (row, key, tools) => {
    const kind = columns[key];
    if (kind === "unit") return h("td", {}, row[key] ? tools.unitLink(row[key], row.name ?? row[key]) : "");
    return h("td", { class: RIGHT.has(kind) ? "num" : null }, written(row[key], kind));
  };
  return async function content(view, unit, tools) {
    const found = await api.answer(name, view, given(view));
    const side = (key) => (RIGHT.has(columns[key]) ? "right" : null);
    // Units are shown by their names.
    const head = (key) => t(`column.${columns[key] === "unit" ? "name" : key}`);
    const heads = keys.map((key) => h("th", { scope: "col", class: side(key) }, head(key)));
    const title = `${unit.name}: ${t(`page.${name}`)}`;
    const about = [found.period, found.year].filter(Boolean).map((one) => ` · ${one}`);
    return [
      h("h1", {}, title, about),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
        h("table", {},
          h("thead", {}, h("tr", {}, heads)),
          h("tbody", {}, found.rows.map((row) => h("tr", {}, keys.map((key) => cell(row, key, tools))))))),
      h("p", { class: "hint" }, t("answer.rows", { count: found.rows.length })),
    ];
  };
}
