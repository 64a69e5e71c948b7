// What was changed of the duties of a unit and all below it.

import * as api from "./api.js";
import { h } from "./dom.js";
import { day, instant, t } from "./words.js";

const COLUMNS = ["at", "obligation", "what", "before", "after", "lapsed", "by", "document"];

const cells = (row) => [
  instant(row.at), row.obligation, t(`change.${row.what}`),
  row.before ? day(row.before) : "", row.after ? day(row.after) : "",
  row.lapsed ? t("ui.yes") : "", row.by, row.document ?? "",
];

export async function content(view, unit) {
  const found = await api.answer("changes", view);
  return [
    h("h1", {}, `${unit.name}: ${t("page.changes")}`),
    h("table", {},
      h("thead", {}, h("tr", {}, COLUMNS.map((key) => h("th", { scope: "col" }, t(`column.${key}`))))),
      h("tbody", {}, found.rows.map((row) => h("tr", {}, cells(row).map((text) => h("td", {}, text)))))),
    h("p", { class: "hint" }, t("answer.rows", { count: found.rows.length })),
  ];
}
