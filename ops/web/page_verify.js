// What verifying beside live found last; it is about the home, whichever unit is looked at.

import * as api from "./api.js";
import { h } from "./dom.js";
import { head } from "./page_head.js";
import { instant, number, t } from "./words.js";

const DIFFERENCES = ["unit", "measure", "day", "what", "live", "fold", "obligation", "event_id"];
const PARTITIONS = ["partition", "offset", "units", "compared", "differing", "remark"];

const cell = (value) => (typeof value === "number" ? number(value) : value ?? "");

function part(name, columns, rows) {
  if (!rows.length) return null;
  return h("section", { class: "card", "aria-labelledby": `verify-${name}` },
    h("div", { class: "card-head" }, h("h2", { id: `verify-${name}` }, t(`verify.${name}`))),
    h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, columns.map((key) => h("th", { scope: "col" }, t(`verify.${key}`))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map((key) => h("td", {}, cell(row[key])))))))));
}

export async function content(view) {
  const found = await api.verification();
  const counts = { round: number(found.round), compared: number(found.compared), differing: number(found.differing) };
  const said = found.finished_at ? t("verify.round", { ...counts, at: instant(found.finished_at) }) : "";
  return [
    head({ ...view, on: "", known: "" }, t("page.verify")),
    h("section", { class: "card" }, h("p", { role: "status" }, t(`verify.${found.state}`)), h("p", { class: "hint" }, said)),
    part("differences", DIFFERENCES, found.differences),
    part("partitions", PARTITIONS, found.partitions),
  ].filter(Boolean);
}
