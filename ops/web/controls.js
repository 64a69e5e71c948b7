// What is chosen: the day, the programme, the period, what was known; each a labelled control.

import { h } from "./dom.js";
import { addDays, day, instant, parseMoment, t, today } from "./words.js";

// A text field dd/MM/yyyy [HH:mm] (browsers write native date fields in their own way) with a
// calendar.
export function momentField(name, label, value, onChosen, emptyMeans = null) {
  const problem = h("span", { class: "problem", id: `${name}-problem`, role: "alert" });
  const text = h("input", {
    type: "text", inputmode: "numeric", id: name, class: value.length > 10 ? "day moment" : "day", autocomplete: "off",
    placeholder: t("ui.day_form"), value: value ? instant(value) : "", "data-focus": name,
    "aria-describedby": `${name}-problem`,
  });
  const native = h("input", { type: "date", class: "native", tabindex: "-1", "aria-hidden": "true", value: value.slice(0, 10) });
  const take = () => {
    const typed = text.value.trim();
    const iso = typed === "" ? "" : parseMoment(typed);
    problem.textContent = iso === null ? t("ui.no_such_day") : "";
    text.setAttribute("aria-invalid", String(iso === null));
    if (iso !== null && iso !== (value ?? "")) onChosen(iso);
  };
  text.addEventListener("change", take);
  text.addEventListener("keydown", (event) => event.key === "Enter" && take());
  native.addEventListener("change", () => native.value && onChosen(native.value));
  const open = () => {
    native.value = value.slice(0, 10) || today();
    if (native.showPicker) native.showPicker();
  };
  return h("div", { class: "field" },
    h("label", { for: name }, label),
    h("div", { class: "day-row" },
      text,
      native,
      h("button", { type: "button", class: "icon", onclick: open, "aria-label": t("ui.calendar"), title: t("ui.calendar") }, "▦"),
      emptyMeans ? h("span", { class: "hint" }, emptyMeans) : null),
    problem);
}

function onField(view, go) {
  const base = (view.on || today()).slice(0, 10);
  const step = (days) => go({ on: addDays(base, days) });
  const row = momentField("on", t("ui.on"), view.on ?? "", (on) => go({ on }));
  row.querySelector(".day-row").append(
    h("button", { type: "button", class: "icon", onclick: () => step(-1), "aria-label": t("ui.day_before"), title: t("ui.day_before"), "data-focus": "on-before" }, "‹"),
    h("button", { type: "button", class: "icon", onclick: () => step(1), "aria-label": t("ui.day_after"), title: t("ui.day_after"), "data-focus": "on-after" }, "›"),
    h("button", { type: "button", class: "quiet", onclick: () => go({ on: "" }), disabled: !view.on, "data-focus": "on-now" }, t("ui.now")));
  row.querySelector("input.day").placeholder = day(today());
  return row;
}

function select(name, label, value, options, onChosen) {
  const field = h("select", { id: name, "data-focus": name, onchange: (e) => onChosen(e.target.value) },
    options.map(([code, text]) => h("option", { value: code, selected: code === (value ?? "") }, text)));
  return h("div", { class: `field field-${name}` }, h("label", { for: name }, label), field);
}

function programmeOptions(programmes, view) {
  const options = [["", t("ui.programmes_in_force")], ["*", t("ui.programmes_all")]];
  for (const one of programmes) options.push([one.programme, one.name]);
  const known = options.some(([code]) => code === view.programme);
  if (view.programme && !known) options.push([view.programme, view.programme]);
  return options;
}

export function controls(view, programmes, go) {
  const chooseProgramme = (code) =>
    go(code === "*" ? { programme: "", all: "true", page: "" } : { programme: code, all: "", page: "" });
  const period = h("input", {
    type: "text", id: "period", value: view.period ?? "", placeholder: "2012-Q2", size: "9",
    pattern: "\\d{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?", title: t("ui.period_form"), "data-focus": "period",
    onchange: (e) => e.target.checkValidity() ? go({ period: e.target.value.trim(), page: "" }) : e.target.reportValidity(),
  });
  return h("form", { class: "controls", onsubmit: (e) => e.preventDefault(), "aria-label": t("ui.controls") },
    select("programme", t("ui.programme"), view.all ? "*" : view.programme, programmeOptions(programmes, view), chooseProgramme),
    onField(view, go),
    h("details", { class: "more", open: Boolean(view.known || view.period || view.tree) },
      h("summary", {}, t("ui.more")),
      h("div", { class: "more-row" },
        h("div", { class: "field" }, h("label", { for: "period" }, t("ui.period")), period),
        momentField("known", t("ui.known"), view.known ?? "", (known) => go({ known })),
        select("tree", t("ui.tree"), view.tree ?? "", [["", t("ui.tree_then")], ["now", t("ui.tree_now")], ["succession", t("ui.tree_succession")]], (tree) => go({ tree })))));
}
