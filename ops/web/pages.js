// Pages beside the board: which one the address names (`?show=`), and how it is put on the screen.

import * as api from "./api.js";
import { byId, replace } from "./dom.js";
import * as live from "./live.js";
import { t } from "./words.js";

// Name -> its module. A module has `content(view, unit, tools)`: what fills the page.
const PAGES = {
  changes: () => import("./page_changes.js"),
  petitions: () => import("./page_petitions.js"),
  rank: () => import("./page_rank.js"),
  merit: () => import("./page_merit.js"),
  targets: () => import("./page_targets.js"),
};

export const isPage = (view) => Object.hasOwn(PAGES, view.show ?? "");

// `tools` are the board's: unitLink, go, trail, fail, and whether this answer is still wanted.
export async function drawPage(view, tools) {
  try {
    const [unit, page] = await Promise.all([api.unit(view.unit, view.on), PAGES[view.show]()]);
    const content = await page.content(view, unit, tools);
    if (!tools.wanted()) return;
    live.stop();
    document.title = `${unit.name} · ${t(`page.${view.show}`)} · ${t("ui.title")}`;
    tools.trail(unit);
    replace(byId("main"), content);
    replace(byId("foot"));
  } catch (error) {
    if (tools.wanted()) tools.fail(error);
  }
}
