// Bars: the states of what was assigned, stacked; told apart by pattern and sign, not colour alone.

import { h } from "./dom.js";
import { number, percent, t } from "./words.js";

// Every assigned obligation is in exactly one part: A = N + L + R + O + open.
export function parts(counts) {
  const open =
    counts.assigned - counts.completed - counts.in_revision - counts.overdue;
  return [
    { key: "on_time", state: "done_on_time", count: counts.on_time },
    { key: "late", state: "done_late", count: counts.late },
    { key: "open", state: "not_due", count: open },
    { key: "in_revision", state: "in_revision", count: counts.in_revision },
    { key: "overdue", state: "overdue", count: counts.overdue },
  ];
}

const sentence = (list, total) =>
  list
    .filter((part) => part.count > 0)
    .map((part) => `${t(`part.${part.key}`)}: ${number(part.count)}`)
    .join("; ") || (total ? "" : t("ui.nothing_assigned"));

export function bar(counts, { small = false } = {}) {
  const list = parts(counts);
  if (!counts.assigned) {
    return h("div", { class: `bar bar-empty${small ? " bar-small" : ""}` },
      h("span", { class: small ? "unseen" : "" }, t("ui.nothing_assigned")));
  }
  return h("div",
    { class: `bar${small ? " bar-small" : ""}`, role: "img", "aria-label": sentence(list) },
    list.filter((part) => part.count > 0).map((part) =>
      h("span", {
        class: `seg seg-${part.key}`,
        "--share": part.count,
        title: `${t(`part.${part.key}`)}: ${number(part.count)}`,
      }, small ? null : h("b", {}, number(part.count)))));
}

export function legend(counts, link) {
  return h("ul", { class: "legend" }, parts(counts).map((part) =>
    h("li", {},
      h("span", { class: `key seg-${part.key}`, "aria-hidden": "true" }),
      link(part.state, h("span", {}, t(`part.${part.key}`)), h("b", {}, number(part.count))),
    )));
}

// A rate as a line of a dial: the number in words, the bar beside it; null has no bar.
export function rate(name, value, of, hint) {
  const empty = value === null || value === undefined;
  return h("div", { class: `rate${empty ? " rate-none" : ""}`, title: hint },
    h("div", { class: "rate-name" }, name),
    h("div", { class: "rate-value" }, percent(value)),
    h("div", { class: "meter", "aria-hidden": "true" },
      empty ? null : h("span", { "--share": Math.max(0, Math.min(1, value)) })),
    h("div", { class: "rate-of" }, of));
}

// How well a rate reads, as a class; the number stands beside it always.
export function grade(value) {
  if (value === null || value === undefined) return "none";
  if (value >= 0.9) return "good";
  return value >= 0.7 ? "fair" : "poor";
}
