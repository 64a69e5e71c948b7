// The list of obligations: who owes what before when, with a chip per state.

import { h } from "./dom.js";
import { files } from "./page_head.js";
import { badge, sign, STATES } from "./states.js";
import { day, instant, number, period, t, word } from "./words.js";

const chip = (code, active, go) =>
  h("button", {
    type: "button", class: `chip state-${code}`, "aria-pressed": String(active),
    "data-focus": `state-${code}`, onclick: () => go({ state: code, page: "" }),
  }, code === "all" ? null : h("span", { class: "sign", "aria-hidden": "true" }, sign(code)),
  code === "all" ? t("ui.all_states") : t(`state.${code}`));

function when(row) {
  if (row.state === "overdue" && row.days_overdue) {
    return h("span", { class: "alarm" }, t("ui.days_overdue", { count: number(row.days_overdue) }));
  }
  if (row.revise_before) return t("ui.revise_before", { day: day(row.revise_before) });
  if (row.completed_at) return t("ui.sent_at", { at: instant(row.completed_at) });
  return "";
}

// What a reader should know before relying on the line.
function marks(one, mixed) {
  const found = [];
  if (one.extended) found.push(t("ui.extended"));
  if (one.documents) found.push(t("ui.documents", { count: number(one.documents) }));
  if (one.imported && mixed) found.push(t("ui.imported"));
  if (one.remarks?.some((remark) => remark.conflict)) found.push(t("ui.disputed"));
  return found.map((text) => h("span", { class: "mark" }, text));
}

function row(one, titles, link, mixed) {
  const title = titles.item(one.item, one.programme);
  return h("tr", {},
    h("td", { class: "col-state", "data-name": t("ui.state") }, badge(one.state)),
    h("th", { scope: "row", class: "col-what", "data-name": t("ui.what") },
      h("span", { class: "title" }, title ?? `${word("kind", one.kind)} ${one.item}`),
      h("small", { class: "under" },
        [title ? `${word("kind", one.kind)} ${one.item}` : null, one.period && period(one.period), one.area ? titles.area(one.area) ?? word("area", one.area) : null]
          .filter(Boolean).join(" · "), marks(one, mixed))),
    h("td", { class: "col-unit", "data-name": t("ui.unit") }, link(one.unit, one.unit_name ?? one.unit)),
    h("td", { class: "col-due", "data-name": t("ui.due_before") },
      one.due_before ? t("ui.before", { day: day(one.due_before) }) : t("state.no_due"),
      h("small", { class: "under" }, when(one))));
}

function pager(list, go) {
  if (list.pages <= 1) return null;
  const step = (page, word_, off) =>
    h("button", { type: "button", class: "quiet", disabled: off, "data-focus": `page-${word_}`,
      onclick: () => go({ page: String(page) }) }, t(`ui.${word_}`));
  return h("nav", { class: "pager", "aria-label": t("ui.pages") },
    step(list.page - 1, "previous", list.page <= 1),
    h("span", {}, t("ui.page_of", { page: number(list.page), pages: number(list.pages) })),
    step(list.page + 1, "next", list.page >= list.pages));
}

// `file`: where the same list is as a file.
export function obligations(list, listed, titles, link, go, file) {
  const imported = list?.obligations.filter((one) => one.imported).length ?? 0;
  const mixed = imported > 0 && imported < list.obligations.length;
  return h("section", { class: "card", id: "obligations", "aria-labelledby": "obligations-title" },
    h("div", { class: "card-head" },
      h("h2", { id: "obligations-title" }, t("ui.obligations")),
      list ? h("span", { class: "hint" }, t("ui.obligations_count", { count: number(list.total) }),
        imported && !mixed ? ` · ${t("ui.imported")}` : "") : null,
      files(t("ui.obligations"), file)),
    h("div", { class: "chips", role: "group", "aria-label": t("ui.state") },
      chip("all", listed === "all", go), STATES.map((code) => chip(code, listed === code, go))),
    list === null
      ? h("p", { class: "waiting" }, t("ui.loading"))
      : list.obligations.length
        ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "obligations-title" },
          h("table", { class: "figures list" },
            h("caption", {}, t("ui.obligations")),
            h("thead", {}, h("tr", {}, ["state", "what", "unit", "due_before"].map((key) =>
              h("th", { scope: "col" }, t(`ui.${key}`))))),
            h("tbody", {}, list.obligations.map((one) => row(one, titles, link, mixed)))))
        : h("p", { class: "hint" }, t("ui.no_obligations")),
    list ? pager(list, go) : null);
}
