// Live figures: one stream for the unit that is looked at; says when it was cut.

import * as api from "./api.js";
import { h } from "./dom.js";
import { clock, t } from "./words.js";

let source = null;
let following = null;

const dot = h("span", { class: "dot", "aria-hidden": "true" });
const text = h("span", { class: "live-text" });
export const pill = h("div", { class: "live", role: "status", "aria-live": "off" }, dot, text);

function say(kind, message) {
  pill.className = `live live-${kind}`;
  text.textContent = message;
}

// Follows one unit; onBoard gets each board that differs. A chosen past day is not followed.
export function follow(code, past, onBoard) {
  if (past) {
    stop();
    say("past", t("ui.as_of_past"));
    return;
  }
  if (following === code && source && source.readyState !== EventSource.CLOSED) return;
  stop();
  following = code;
  source = api.stream(code);
  say("wait", t("ui.connecting"));
  source.addEventListener("open", () => say("on", t("ui.live")));
  source.addEventListener("board", (event) => {
    say("on", `${t("ui.live")} · ${clock(Date.now())}`);
    onBoard(JSON.parse(event.data));
  });
  source.addEventListener("error", () => say("off", t("ui.cut_off")));
}

export function stop() {
  source?.close();
  source = null;
  following = null;
}

addEventListener("pagehide", stop);
