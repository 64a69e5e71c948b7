// What stands above a page: its title, as of when, how to print it and take it along as a file.

import { h } from "./dom.js";
import { instant, t } from "./words.js";

const FORMS = { xlsx: "Excel", csv: "CSV" };

// As of which day the figures stand, and as known until when.
export const asOf = (view) =>
  [view.on ? t("ui.as_of", { at: instant(view.on) }) : t("ui.as_of_now"),
    view.known ? t("ui.as_known", { at: instant(view.known) }) : null].filter(Boolean).join(" · ");

// Links to the same table as files; `address` makes one from how the file's name ends.
export const files = (title, address) =>
  h("p", { class: "files" }, h("span", { class: "hint" }, t("file.download")),
    Object.entries(FORMS).map(([suffix, form]) =>
      h("a", { href: address(suffix), download: "", "aria-label": t("file.as", { title, form }), "data-focus": `file-${suffix}` }, form)));

export const printButton = () =>
  h("button", { type: "button", class: "quiet print", onclick: () => print() }, t("ui.print"));

export const head = (view, title, ...tools) => headed(asOf(view), title, ...tools);

// The same where one view alone does not say as of when.
export const headed = (said, title, ...tools) =>
  h("div", { class: "heading" },
    h("div", {}, h("h1", {}, title), h("p", { class: "as-of" }, said)),
    h("div", { class: "heading-tools" }, tools, printButton()));
