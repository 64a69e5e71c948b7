// Reports told by a sheet: get the template, fill it in, send it; all of it is taken, or nothing.

import * as api from "./api.js";
import { h, replace } from "./dom.js";
import { files } from "./page_head.js";
import { number, t } from "./words.js";

const step = (name, ...content) =>
  h("section", { class: "card", "aria-labelledby": `step-${name}` },
    h("h2", { id: `step-${name}` }, t(`sheet.step_${name}`)), content);

function bad(found) {
  return h("div", { class: "notice", role: "alert" },
    h("h2", {}, t("sheet.bad", { count: number(found.bad.length) })),
    h("table", { class: "figures answers" },
      h("thead", {}, h("tr", {}, ["cell", "wrong"].map((key) => h("th", { scope: "col" }, t(`sheet.${key}`))))),
      h("tbody", {}, found.bad.map((one) => h("tr", {},
        h("th", { scope: "row", "data-name": t("sheet.cell") }, one.cell || t("sheet.whole_file")),
        h("td", { "data-name": t("sheet.wrong") }, said(one)))))));
}

// The sentence begins with the cell, which stands in a column of its own here.
const said = (one) => (one.cell ? one.sentence.replace(`${one.cell}: `, "") : one.sentence);

function taken(found) {
  const sentence = found.rows ? t("form.taken", found) : t("form.nothing");
  return h("div", { class: "notice good", role: "status" }, h("h2", {}, t("sheet.done")), h("p", {}, sentence));
}

function refused(error) {
  const known = t(`error.${error.reason}`);
  return h("div", { class: "notice", role: "alert" }, h("h2", {}, t("sheet.refused")),
    h("p", {}, known === `error.${error.reason}` ? error.message : known));
}

function field(id, attributes, hint = null) {
  return h("div", { class: "field" }, h("label", { for: `sheet-${id}` }, t(`sheet.${id}`)),
    h("input", { id: `sheet-${id}`, name: id, "aria-describedby": hint && `hint-${id}`, ...attributes }),
    hint ? h("p", { class: "hint", id: `hint-${id}` }, t(hint)) : null);
}

// The token lives in its field alone: it is in no cookie, no storage and no address.
function form() {
  const outcome = h("div", { id: "sheet-outcome", "aria-live": "polite" });
  const button = h("button", { type: "submit", class: "quiet strong" }, t("sheet.send"));
  const send = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    button.disabled = true;
    replace(outcome, h("p", { class: "waiting" }, t("sheet.sending")));
    try {
      const found = await api.sendSheet(given.get("file"), given.get("token").trim(), given.get("acting").trim());
      replace(outcome, found.bad.length ? bad(found) : taken(found));
    } catch (error) {
      replace(outcome, refused(error));
    }
    button.disabled = false;
  };
  return [
    h("form", { class: "controls sheet-form", onsubmit: send },
      field("file", { type: "file", accept: ".xlsx,.csv", required: true }),
      field("token", { type: "password", required: true, autocomplete: "off" }, "sheet.token_hint"),
      field("acting", { type: "text", autocomplete: "off", pattern: "[a-z0-9._\\-]{1,64}" }),
      button),
    outcome,
  ];
}

export async function content(view, unit) {
  const title = t("page.sheet");
  return [
    h("div", { class: "heading" }, h("h1", {}, `${unit.name}: ${title}`)),
    step("template", h("p", { class: "hint" }, t("sheet.template_hint", { name: unit.name })), files(t("sheet.step_template"), api.templateFile(view))),
    step("fill", h("p", { class: "hint" }, t("form.how")), h("p", { class: "hint" }, t("sheet.fill_hint"))),
    step("send", form()),
  ];
}
