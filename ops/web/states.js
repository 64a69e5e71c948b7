// State words: colour, sign and word together, so that none of them is needed alone.

import { h } from "./dom.js";
import { t } from "./words.js";

export const STATES = [
  "not_due", "due_soon", "overdue", "done_on_time", "done_late",
  "in_revision", "awaiting_acceptance", "no_due", "cancelled", "transferred",
];

const SIGNS = {
  not_due: "○", due_soon: "◔", overdue: "!", done_on_time: "✓", done_late: "✓",
  in_revision: "↺", awaiting_acceptance: "⧖", no_due: "–", cancelled: "×", transferred: "→",
};

export const sign = (code) => SIGNS[code] ?? "·";

export const badge = (code) =>
  h("span", { class: `state state-${code}` },
    h("span", { class: "sign", "aria-hidden": "true" }, sign(code)), t(`state.${code}`));
