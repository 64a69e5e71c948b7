// What differs between two states of the board: figures, units, and each obligation with its events.

import * as api from "./api.js";
import { momentField } from "./controls.js";
import { h } from "./dom.js";
import { because, event, pager } from "./explained.js";
import { figure } from "./figure_link.js";
import { asOf, files, headed } from "./page_head.js";
import { addDays, day, number, t, today } from "./words.js";

const WEEK_DAYS = 7;
const CLOCKS = ["on", "known", "to_on", "to_known"];

// Where nothing was chosen, two equal states would be compared: the last week says more.
const chosen = (view) =>
  CLOCKS.some((one) => view[one]) ? view : { ...view, on: addDays(today(), -WEEK_DAYS) };

function form(view, go) {
  const field = (name, label) =>
    momentField(name, t(label), view[name] ?? "", (at) => go({ ...pick(view), [name]: at, page: "" }));
  const state = (title, on, known) =>
    h("fieldset", { class: "state-fields" }, h("legend", {}, t(title)), field(on, "ui.on"), field(known, "ui.known"));
  return h("form", { class: "controls", onsubmit: (e) => e.preventDefault(), "aria-label": t("ui.controls") },
    state("diff.first", "on", "known"), state("diff.second", "to_on", "to_known"));
}

const pick = (view) => Object.fromEntries(CLOCKS.map((one) => [one, view[one] ?? ""]));

const table = (title, heads, rows) =>
  h("section", { class: "card", "aria-labelledby": title },
    h("h2", { id: title }, t(title)),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": title },
      h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, heads.map(([key, right]) =>
          h("th", { scope: "col", class: right ? "num" : null }, t(key))))),
        h("tbody", {}, rows))));

const signed = (change) => `${change > 0 ? "+" : change < 0 ? "−" : ""}${number(Math.abs(change))}`;

function figures(found, view) {
  const gone = { to_on: "", to_known: "" };
  const [first, second] = [
    { on: view.on ?? "", known: view.known ?? "", ...gone },
    { on: view.to_on ?? "", known: view.to_known ?? "", ...gone }];
  const rows = Object.entries(found.figures).map(([measure, [before, after, change]]) =>
    h("tr", {}, h("th", { scope: "row" }, t(`measure.${measure}`)),
      h("td", { class: "num" }, figure(measure, before, "", "", first)),
      h("td", { class: "num" }, figure(measure, after, "", "", second)),
      h("td", { class: "num" }, signed(change))));
  if (!rows.length) return h("p", { class: "hint" }, t("diff.same"));
  return table("diff.figures", [["diff.measure"], ["diff.before", true], ["diff.after", true], ["diff.change", true]], rows);
}

function units(found, tools) {
  if (!found.units.length) return null;
  const cause = (one) => (one.because
    ? [`${one.because} ${day(one.since)}`, h("small", { class: "under" }, one.event_id)]
    : "–");
  const rows = found.units.map((one) =>
    h("tr", {}, h("th", { scope: "row" }, tools.unitLink(one.unit, one.name)),
      h("td", {}, t(one.came ? "explain.came" : "explain.went")), h("td", {}, cause(one))));
  return table("diff.units", [["column.name"], ["diff.change"], ["column.because"]], rows);
}

const measures = (names) => (names ?? "").split(", ").filter(Boolean).map((one) => t(`measure.${one}`)).join(", ");

function obligation(row, tools, at) {
  const change = (sign, names) => (names ? h("p", { class: "turned" }, h("b", {}, sign), ` ${measures(names)}`) : null);
  return h("section", { class: "card", "aria-labelledby": `differs-${at}` },
    h("div", { class: "card-head" }, h("h2", { id: `differs-${at}` }, row.obligation)),
    h("p", {}, tools.unitLink(row.unit, row.unit_name), ` · ${t("column.because")} ${because(row.because)}`),
    change("−", row.counted_before), change("+", row.counted_after),
    row.events.length ? h("ul", {}, row.events.map(event)) : null);
}

export async function content(given, unit, tools) {
  const view = chosen(given);
  const asked = { to_on: view.to_on, to_known: view.to_known, programme: view.programme, period: view.period, page: view.page };
  const found = await api.answer("diff", view, asked);
  const states = [view, { on: view.to_on, known: view.to_known }].map(asOf).join(" → ");
  const title = `${unit.name}: ${t("page.diff")}`;
  const verdict = t(found.agrees ? "explain.agrees" : "explain.differs");
  return [
    headed(states, title, files(title, api.answerFile("diff", view, asked))),
    form(view, tools.go),
    h("p", { class: found.agrees ? "notice good" : "notice", role: "status" },
      t("diff.total", { total: number(found.total), units: number(found.units_total) }), ` · ${verdict}`),
    figures(found, view),
    units(found, tools),
    found.rows.map((row, at) => obligation(row, tools, at)),
    pager(found, tools),
  ];
}
