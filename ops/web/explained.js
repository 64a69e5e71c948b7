// What the page of a figure and the page of two states have in common: events, causes, pages.

import { h } from "./dom.js";
import { day, instant, lang, number, t, word } from "./words.js";

export const because = (text) =>
  (text ?? "–").split(", ").map((one) => word("because", one)).join(", ");

// One event: when, what, whose, by which paper, and where to find it in ledger and log.
export function event(one) {
  const paper = one.document ? `${one.document}${one.document_date ? ` (${day(one.document_date)})` : ""}` : null;
  const ledger = one.notification === null ? null : t("explain.ledger", { number: one.notification });
  const place = t(one.offset === null ? "explain.no_place" : "explain.place", one);
  const what = `${word("effect", one.effect)} (${one.type})`;
  const recorded = t("explain.recorded", { at: instant(one.recorded_at) });
  const said = [instant(one.effective_at), what, one.by_name, paper, recorded, ledger, place];
  return h("li", { class: one.role === "decides" ? "decides" : "" },
    said.filter(Boolean).join(" · "), " ", h("span", { class: "mark" }, word("explain_role", one.role)),
    h("small", { class: "under" }, one.event_id, one.sentence && lang() === "en" ? ` · ${one.sentence}` : ""));
}

export function pager(found, tools) {
  if (found.pages <= 1) return null;
  const step = (page, name, off) =>
    h("button", { type: "button", class: "quiet", disabled: off, "data-focus": `page-${name}`, onclick: () => tools.go({ page: String(page) }) }, t(`ui.${name}`));
  return h("nav", { class: "pager", "aria-label": t("ui.pages") },
    step(found.page - 1, "previous", found.page <= 1),
    h("span", {}, t("explain.page", { page: number(found.page), pages: number(found.pages) })),
    step(found.page + 1, "next", found.page >= found.pages));
}
