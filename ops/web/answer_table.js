// The table of an answer: columns by what they hold, sorted at a click; on a phone a card per row.

import { h } from "./dom.js";
import { files } from "./page_head.js";
import { badge } from "./states.js";
import { sortable } from "./table.js";
import { day, instant, number, percent, period, t, word } from "./words.js";

const WRITTEN = {
  text: (value) => value,
  day,
  instant,
  period,
  count: number,
  score: number,
  rate: percent,
  flag: (value) => (value ? t("ui.yes") : ""),
  state: badge,
};
const RIGHT = new Set(["count", "score", "rate"]);

const WORDS = {
  word: (prefix, value) => word(prefix, value),
  words: (prefix, value) => value.split(", ").map((one) => word(prefix, one)).join(", "),
};

const empty = (value) => value === null || value === undefined || value === "";

// Where there is no figure there is no data, which is not 0.
function written(value, kind) {
  if (empty(value)) return RIGHT.has(kind) ? "–" : "";
  const [list, prefix] = kind.split(":");
  return prefix ? WORDS[list](prefix, value) : WRITTEN[kind](value);
}

function column([key, kind], tools) {
  const made = typeof kind === "function";
  const unit = kind === "unit"; // shown by its name
  const show = (row) => {
    if (made) return kind(row, tools);
    if (unit) return row[key] ? tools.unitLink(row[key], row.name ?? row[key]) : "";
    return written(row[key], kind);
  };
  const worded = !made && (kind === "state" || kind.includes(":"));
  const text = (row) => written(row[key], kind === "state" ? "word:state" : kind);
  const value = (row) => (unit ? row.name ?? row[key] : worded && !empty(row[key]) ? text(row) : row[key]);
  const right = RIGHT.has(kind);
  return { key, head: t(`column.${unit ? "name" : key}`), number: right, show, value, first: right ? "down" : null };
}

// The columns that say something of any row: a page has room for few.
function filled(columns, rows) {
  const all = Object.entries(columns);
  const said = all.filter(([key, kind]) => typeof kind === "function" || rows.some((row) => !empty(row[key]) && row[key] !== false));
  return said.length ? said : all;
}

// `columns`: key -> kind (text, day, instant, period, count, score, rate, flag, state, word:prefix,
// words:prefix of several, unit) or a function of the row and the tools.
export function answerTable(name, caption, columns, rows, tools = {}) {
  if (!rows.length) return h("p", { class: "hint" }, t("answer.none"));
  const told = filled(columns, rows).map((one) => column(one, tools));
  return [
    sortable(name, caption, told, rows, () => "", "answers"),
    h("p", { class: "hint below" }, t("answer.rows", { count: number(rows.length) })),
  ];
}

// One of several tables of a page: under its own title, with a word on it and its files.
export const part = (name, title, columns, rows, { file, hint = null, tools }) =>
  h("section", { class: "card", "aria-labelledby": `${name}-title` },
    h("div", { class: "card-head" }, h("h2", { id: `${name}-title` }, title), files(title, file)),
    hint ? h("p", { class: "hint" }, hint) : null,
    answerTable(name, title, columns, rows, tools));
