// Phases of years side by side: what fell due in each, at its end and as of the day looked at.

import * as api from "./api.js";
import { h } from "./dom.js";
import { files, head } from "./page_head.js";
import { number, percent, t, word } from "./words.js";

const PHASES = "2011-2015,2016-2020";
const GROUPS = { area: "area", programme: "programme", unit: "child", kind: "kind", item: "item", sector: "sector" };
const COUNTS = ["assigned", "completed_at_end", "overdue_at_end", "completed", "overdue"];
const RATES = ["completion_rate", "on_time_rate"];

const label = (row, by, unit) => {
  if (row.group === null) return t("ui.without");
  if (row.group === unit.unit) return t("ui.own");
  return row.group_name ?? word(GROUPS[by], row.group);
};

const figures = (row) => [
  ...COUNTS.map((key) => h("td", { class: key.startsWith("overdue") && row[key] ? "num alarm" : "num" }, number(row[key]))),
  ...RATES.map((key) => h("td", { class: "num" }, percent(row[key]))),
];

function lines(found, by, unit) {
  const size = found.phases.length;
  const line = (head, rows, kind) =>
    h("tr", { class: kind }, h("th", { scope: "row" }, head), rows.map(figures));
  const parts = [];
  for (let at = 0; at < found.rows.length; at += size) {
    const rows = found.rows.slice(at, at + size);
    parts.push(line(label(rows[0], by, unit), rows));
  }
  return [line(t("phases.all"), found.totals, "total"), ...parts];
}

function form(phases, by, go) {
  const chosen = (event) => {
    event.preventDefault();
    go({ phases: new FormData(event.target).get("phases").trim() });
  };
  return h("form", { class: "controls", onsubmit: chosen },
    h("div", { class: "field" }, h("label", { for: "phases" }, t("column.phase")),
      h("input", { id: "phases", name: "phases", value: phases, size: 24, required: true, "data-focus": "phases" })),
    h("div", { class: "field" }, h("label", { for: "phases-by" }, t("column.group")),
      h("select", { id: "phases-by", "data-focus": "phases-by", onchange: (e) => go({ by: e.target.value }) },
        Object.entries(GROUPS).map(([code, cut]) =>
          h("option", { value: code, selected: code === by }, t(`cut.${cut}`))))),
    h("button", { type: "submit", class: "quiet" }, t("phases.compare")));
}

export async function content(view, unit, { go }) {
  const phases = view.phases ?? PHASES;
  const by = Object.hasOwn(GROUPS, view.by ?? "") ? view.by : "area";
  const given = { phases, by, tree: view.tree, programme: view.programme };
  const found = await api.answer("phases", view, given);
  const title = t("page.phases");
  const heads = [...COUNTS, ...RATES].map((key) => h("th", { scope: "col", class: "num" }, t(`column.${key}`)));
  return [
    head(view, `${unit.name}: ${title}`, files(title, api.answerFile("phases", view, given))),
    form(phases, by, go),
    h("section", { class: "card" }, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
      h("table", { class: "figures t-phases" },
        h("thead", {},
          h("tr", {}, h("th", { rowspan: 2, scope: "col" }, t(`cut.${GROUPS[by]}`)),
            found.phases.map((phase) => h("th", { scope: "colgroup", colspan: heads.length }, phase))),
          h("tr", {}, found.phases.map(() => heads.map((head) => head.cloneNode(true))))),
        h("tbody", {}, lines(found, by, unit)))),
    h("p", { class: "hint below" }, t("phases.outside", { count: number(found.outside) }))),
  ];
}
