// Looking up a unit by its name or code, by keyboard or pointer (ARIA combobox).

import * as api from "./api.js";
import { h } from "./dom.js";
import { t, word } from "./words.js";

const WAIT_MS = 180;
const SHOWN_MAX = 12;

export function searchBox(link, go) {
  let timer = 0;
  let active = -1;
  let asked = 0;
  const list = h("ul", { id: "found", role: "listbox", class: "found", hidden: true, "aria-label": t("ui.search") });
  const input = h("input", {
    type: "search", id: "search", role: "combobox", placeholder: t("ui.search"), autocomplete: "off",
    "aria-label": t("ui.search"), "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list",
  });
  const items = () => [...list.querySelectorAll('[role="option"]')];
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const all = items();
    if (!all.length) return;
    active = (index + all.length) % all.length;
    all.forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };
  const show = (units, more) => {
    const rows = units.slice(0, SHOWN_MAX).map((unit, index) =>
      h("li", { role: "option", id: `found-${index}`, "aria-selected": "false", "data-unit": unit.unit },
        h("a", { href: link(unit.unit), tabindex: "-1", onmousedown: (e) => { e.preventDefault(); take(unit.unit); } },
          h("b", {}, unit.name),
          h("small", {}, [word("level", unit.level), unit.within, unit.unit].filter(Boolean).join(" · ")))));
    const note = !units.length ? t("ui.nothing_found") : more || units.length > SHOWN_MAX ? t("ui.more_found") : null;
    list.replaceChildren(...rows, ...(note ? [h("li", { class: "note", role: "presentation" }, note)] : []));
    list.hidden = false;
    active = -1;
    input.setAttribute("aria-expanded", "true");
  };
  const take = (code) => {
    input.value = "";
    close();
    go({ unit: code, page: "", state: "" });
  };
  const look = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (!text) return close();
    try {
      const answer = await api.search(text);
      if (mine === asked) show(answer.units, answer.more);
    } catch {
      if (mine === asked) show([], false);
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active - 1);
    else if (event.key === "Escape") return close();
    else if (event.key === "Enter") {
      const chosen = items()[Math.max(active, 0)];
      if (chosen) take(chosen.dataset.unit);
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  return h("div", { class: "search", role: "search" }, input, list);
}
