// Pages beside the board: which one the address names (`?show=`), and how it is put on the screen.

import * as api from "./api.js";
import { byId, h, replace } from "./dom.js";
import * as live from "./live.js";
import { t } from "./words.js";

// Name -> its module. A module has `content(view, unit, tools)`: what fills the page.
const PAGES = {
  changes: () => import("./page_changes.js"),
  inspections: () => import("./page_inspections.js"),
  reports: () => import("./page_reports.js"),
  calendar: () => import("./page_calendar.js"),
  phases: () => import("./page_phases.js"),
  ladder: () => import("./page_ladder.js"),
  petitions: () => import("./page_petitions.js"),
  rank: () => import("./page_rank.js"),
  merit: () => import("./page_merit.js"),
  targets: () => import("./page_targets.js"),
  programme: () => import("./page_programme.js"),
  explain: () => import("./page_explain.js"),
  backdated: () => import("./page_backdated.js"),
  diff: () => import("./page_diff.js"),
  sheet: () => import("./page_sheet.js"),
  verify: () => import("./page_verify.js"),
};

export const isPage = (view) => Object.hasOwn(PAGES, view.show ?? "");

// The way between the board and its pages; the address names the one that is shown.
export function tabs(view, go) {
  const tab = (show, name) =>
    h("button", { type: "button", class: "chip", "aria-pressed": String((view.show ?? "") === show),
      "data-focus": `tab-${name}`, onclick: () => go({ show, state: "", page: "", cut: "", key: "" }) }, t(`page.${name}`));
  return h("nav", { class: "chips pages", "aria-label": t("ui.pages") },
    tab("", "board"), Object.keys(PAGES).map((name) => tab(name, name)));
}

// `tools` are the board's: unitLink, go, trail, fail, and whether this answer is still wanted.
export async function drawPage(view, tools) {
  try {
    const [unit, page] = await Promise.all([api.unit(view.unit, view), PAGES[view.show]()]);
    const content = await page.content(view, unit, tools);
    if (!tools.wanted()) return;
    live.stop();
    document.title = `${unit.name} · ${t(`page.${view.show}`)} · ${t("ui.title")}`;
    tools.trail(unit);
    replace(byId("main"), tabs(view, tools.go), content);
    document.querySelector(".pages [aria-pressed=true]").scrollIntoView({ block: "nearest", inline: "center" });
    replace(byId("foot"));
  } catch (error) {
    if (tools.wanted()) tools.fail(error);
  }
}
