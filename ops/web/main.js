// The web board: reads the address, asks for the figures, draws them, follows changes.

import * as api from "./api.js";
import { controls } from "./controls.js";
import { children, slices } from "./cuts.js";
import { byId, h, replace } from "./dom.js";
import { useLinks } from "./figure_link.js";
import { beside, columns, hero, within } from "./figures.js";
import * as live from "./live.js";
import { obligations } from "./obligations.js";
import { asOf, files, printButton } from "./page_head.js";
import { drawPage, isPage, tabs } from "./pages.js";
import { searchBox } from "./search.js";
import * as state from "./state.js";
import { fetchTrend, trend } from "./trend.js";
import { day, instant, lang, load, number, t, word } from "./words.js";

const ROOT = "centre";
const REFRESH_MS = 700;
const LIST_SECONDS = 15;
const TREND_SECONDS = 120;

let view = {};
let programmes = [];
let shown = 0; // grows with each drawing, so that a late answer to an older question is dropped
let refreshTimer = 0;

function plain(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
}

function anchor(changes, ...content) {
  const follow = (event) => {
    if (!plain(event)) return;
    event.preventDefault();
    go(changes);
  };
  return h("a", { href: state.address(view, changes), onclick: follow }, ...content);
}

const unitLink = (code, name) => anchor({ unit: code, page: "", state: "", cut: "", key: "" }, name);
const dayLink = (on, content) => anchor({ on }, content);
const stateLink = (code, ...content) => {
  const link = anchor({ state: code, page: "" }, ...content);
  link.addEventListener("click", () => byId("place-list")?.scrollIntoView({ behavior: "smooth" }));
  return link;
};

export function go(changes) {
  const unitBefore = view.unit;
  view = { ...view, ...changes };
  state.write(view);
  draw().then(() => {
    if (view.unit !== unitBefore) {
      byId("main").focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
  });
}

// Titles of items and names of areas, from the programmes' documents, in the reader's language.
function titles() {
  const own = (code) => programmes.find((one) => one.programme === code);
  const pick = (entry) => (entry ? entry[lang()] ?? entry.vi ?? entry.en ?? null : null);
  return {
    item: (item, code = view.programme) => pick(own(code)?.items?.[item]),
    area: (area) => pick(own(view.programme)?.areas?.[area]),
  };
}

function trail(unit) {
  const key = `${state.address(view)} ${unit.path.map((one) => one.name).join("/")} ${lang()}`;
  if (keys.get("trail") === key && byId("search")) return;
  keys.set("trail", key);
  const steps = unit.path.map((one, index) => {
    const last = index === unit.path.length - 1;
    return h("li", {}, last
      ? h("span", { "aria-current": "page" }, one.name)
      : unitLink(one.unit, one.name));
  });
  replace(byId("trail"), h("div", { class: "wrap trail-row" }, h("ol", {}, steps), searchBox((code) => state.address(view, { unit: code }), go)));
}

function heading(unit, board) {
  return h("div", { class: "heading" },
    h("div", {},
      h("p", { class: "eyebrow" }, [word("level", board.level), word("unit_kind", unit.kind)].join(" · ")),
      h("h1", {}, board.name),
      h("p", { class: "as-of" }, asOf(view),
        closedTag(unit, board),
        board.forecast ? h("span", { class: "tag" }, t("ui.forecast")) : null),
      restated(board), comparing()),
    h("div", { class: "heading-tools" }, files(board.name, api.boardFile(view, view.by || "child")), printButton()));
}

// What changed the figures of this day after they were told, where anything did.
function restated(board) {
  if (!board.restated?.events) return null;
  const { events, last, more } = board.restated;
  const count = more ? t("restated.more", { count: number(events) }) : number(events);
  // As known at the end of the day itself against as known now.
  const what = anchor({ show: "diff", known: view.on, to_on: view.on, page: "" }, t("diff.restated"));
  return h("p", { class: "as-of" }, t("restated.board", { count, at: instant(last) }), " · ", what);
}

// The way to what differs from another day, or from what is known by now.
function comparing() {
  if (view.tree && view.tree !== "then") return null;
  const link = (changes, name) => anchor({ show: "diff", to_on: "", to_known: "", page: "", ...changes }, t(name));
  return h("p", { class: "as-of" },
    link({}, view.on ? "diff.with_now" : "diff.with_day"),
    view.known ? [" · ", link({ to_on: view.on ?? "" }, "diff.with_known")] : null);
}

function closedTag(unit, board) {
  if (!board.closed) return null;
  const since = unit.closed_on ? t("ui.closed_on", { day: day(unit.closed_on) }) : t("ui.closed");
  const after = (unit.successors ?? []).map((code, index) => [index ? ", " : " → ", unitLink(code, code)]);
  return h("span", { class: "tag" }, since, after);
}

function conflicts(unit) {
  if (!unit.conflicts?.length) return null;
  return h("div", { class: "notice", role: "note" }, h("h2", {}, t("ui.conflicts")),
    h("ul", {}, unit.conflicts.map((one) => h("li", {}, `${day(one.on)}: ${one.sentence}`))));
}

// In succession: whose past the figures are, so that nobody takes a predecessor's for the unit's own.
function pasts(unit, board) {
  const told = board.succession;
  if (!told) return earlier(unit);
  const figures = (one) => ` — ${t("measure.assigned")} ${number(one.assigned)}, ${t("measure.completed")} ${number(one.completed)}, ${t("measure.overdue")} ${number(one.overdue)}`;
  const named = (one) => ({ name: one.name, unit: one.unit, day: day(one.closed_on), into: one.into });
  return h("div", { class: "notice", role: "note" }, h("ul", {},
    h("li", {}, t("ui.own_past", { day: day(told.established_on) }), figures(told.own_past)),
    told.predecessors.map((one) => h("li", {}, t("ui.past_of", named(one)),
      one.inferred ? ` (${t("ui.inferred")})` : "", figures(one))),
    told.elsewhere.map((one) => h("li", { class: "hint" }, t("ui.past_elsewhere", named(one))))));
}

// Before its establishment a unit has nothing of its own: the way to its predecessors' figures.
function earlier(unit) {
  const counted = (unit.predecessors ?? []).some((one) => one.counted);
  if (!counted || !view.on || view.on.slice(0, 10) >= unit.established_on) return null;
  return h("p", { class: "hint" }, anchor({ tree: "succession" }, t("ui.see_succession", { day: day(unit.established_on) })));
}

function foot(board) {
  replace(byId("foot"),
    h("p", {}, t("ui.foot_rule")),
    h("p", { class: "fine" },
      t("ui.foot_version", { tree: number(board.tree_version), position: board.position ?? "–", known: board.known ? instant(board.known) : t("ui.until_now") })),
    h("p", { class: "fine" }, h("a", { href: "/api/openapi.json" }, "OpenAPI"), " · ",
      h("a", { href: "/metrics" }, "Prometheus")));
}

// What costs the server more is asked for less often while changes stream in.
const kept = new Map();
async function fresh(name, key, seconds, streaming, ask) {
  const held = kept.get(name);
  const young = held && Date.now() - held.at < seconds * 1000;
  if (streaming && young && held.key === key) return held.value;
  const value = await ask();
  if (value !== null) kept.set(name, { key, at: Date.now(), value });
  return value;
}

async function draw(streaming = false) {
  const mine = ++shown;
  view.unit = view.unit || ROOT;
  if (isPage(view)) return drawPage(view, { unitLink, go, trail, fail, programmes, wanted: () => mine === shown });
  const cut = view.by || "kind";
  try {
    const [unit, board, below, units] = await Promise.all([
      api.unit(view.unit, view), api.board(view, cut), api.board(view, "child"),
      api.below(view.unit, view),
    ]);
    if (mine !== shown) return;
    document.title = `${board.name} · ${t("ui.title")}`;
    trail(unit);
    show(unit, board, withKinds(below.rows, units.units), cut);
    foot(board);
    live.follow(view.unit, Boolean(view.on || view.known), refreshSoon);
    await drawList(board, streaming, () => mine === shown);
    const points = await fresh("trend", trendKey(), TREND_SECONDS, streaming, () => fetchTrend(view, () => mine === shown));
    if (points && mine === shown) put("trend", trend(points, dayLink));
  } catch (error) {
    // While changes stream in, what is shown stays; the sign of life says that we are cut off.
    if (mine !== shown || streaming) return;
    fail(error, error.reason === "not_yet" ? earlier(await api.unit(view.unit, view)) : null);
  }
}

// Without a chosen state the list shows what is overdue, where anything is.
async function drawList(board, streaming, wanted) {
  const state_ = view.state || (board.subtree.overdue ? "overdue" : "all");
  const asked = { ...view, state: state_ === "all" ? "" : state_ };
  const drawn = (list) => put("list", obligations(list, state_, titles(), unitLink, go, api.listFile(asked)));
  if (!streaming) drawn(null);
  const list = await fresh("list", state.address(asked), LIST_SECONDS, streaming, () => api.obligations(asked));
  if (wanted()) drawn(list);
}

// The rows of a board have figures; what kind of unit each is stands in the list of units.
function withKinds(rows, units) {
  const known = new Map(units.map((one) => [one.unit, one]));
  return rows.map((row) => {
    const { kind, closed } = known.get(row.key) ?? {};
    // What a unit owes itself stands beside its children, so that the column adds up.
    const own = row.key === view.unit;
    return { ...row, kind, closed, own, unit: row.key, name: own ? t("ui.own") : row.name ?? row.key };
  });
}

const trendKey = () => state.address(view, { by: "", state: "", page: "", lang: lang() });

// The page's parts each have a place of their own, so that a change streaming in does not take
// away what somebody is just typing or reading.
const PLACES = ["heading", "controls", "hero", "pair", "trend", "children", "slices", "list", "beside"];
const keys = new Map();

function places() {
  if (byId("place-hero")) return;
  PLACES.forEach((name) => keys.delete(name));
  replace(byId("main"), PLACES.map((name) => h("div", { id: `place-${name}` })));
}

// Fills a place; with a key only when the key is another one than before.
function put(name, content, key = null) {
  if (key !== null && keys.get(name) === key) return;
  keys.set(name, key);
  replace(byId(`place-${name}`), content);
}

function show(unit, board, below, cut) {
  places();
  const chosen = `${state.address(view, { state: "", page: "", by: "" })} ${lang()}`;
  put("heading", [tabs(view, go), heading(unit, board), conflicts(unit), pasts(unit, board)]);
  put("controls", controls(view, programmes, go), chosen);
  put("hero", hero(board.subtree, stateLink));
  put("pair", h("div", { class: "pair-cards" }, columns(board.subtree), within(board)));
  if (kept.get("trend")?.key !== trendKey()) put("trend", trend(null, dayLink));
  put("children", children(below, unitLink));
  put("slices", slices(cut, board.rows, titles(), (by) => go({ by })));
  put("beside", beside(board.subtree, (content) => anchor({ show: "ladder", page: "", state: "" }, content)));
}

function fail(error, further = null) {
  const known = t(`error.${error.reason}`);
  const sentence = known === `error.${error.reason}` ? error.message : known;
  replace(byId("main"),
    h("div", { class: "notice", role: "alert" },
      h("h1", {}, t("ui.failed")), h("p", {}, sentence), further,
      h("p", {}, anchor({ unit: ROOT, on: "", known: "", state: "", page: "", by: "" }, t("ui.to_centre")))));
}

// The stream tells that something differs; the figures as filtered here are asked for again.
let firstOfStream = null;
function refreshSoon(board) {
  if (firstOfStream !== board.unit) {
    firstOfStream = board.unit;
    return;
  }
  // Not put off again by the next change: under a steady stream it would never come.
  refreshTimer ||= setTimeout(() => {
    refreshTimer = 0;
    draw(true);
  }, REFRESH_MS);
}

function languageSwitch() {
  const button = (code, name) =>
    h("button", {
      type: "button", lang: code, "aria-pressed": String(lang() === code), "data-focus": `lang-${code}`,
      onclick: async () => {
        document.cookie = `lienthong_lang=${code}; path=/; max-age=31536000; samesite=lax`;
        view.lang = "";
        state.write(view, true);
        await load(code);
        frame();
        draw();
      },
    }, name);
  return h("div", { class: "languages", role: "group", "aria-label": t("ui.language") },
    button("vi", "Tiếng Việt"), button("en", "English"));
}

// The parts of the page around the figures, drawn again when the language changes.
function frame() {
  replace(byId("band-tools"), live.pill, languageSwitch());
  const brand = byId("brand");
  brand.querySelector("strong").textContent = t("ui.product");
  brand.querySelector("small").textContent = t("ui.tagline");
  byId("trail").setAttribute("aria-label", t("ui.trail"));
  document.querySelector(".skip").textContent = t("ui.skip");
}

async function start() {
  view = state.read();
  await load(document.documentElement.lang || "vi");
  frame();
  // Figures by another tree than that of the day are sums that no single day explains.
  useLinks(anchor, () => !view.tree || view.tree === "then");
  byId("brand").addEventListener("click", (event) => {
    if (!plain(event)) return;
    event.preventDefault();
    go({ unit: ROOT, state: "", page: "", show: "" });
  });
  addEventListener("popstate", () => {
    view = state.read();
    draw();
  });
  programmes = (await api.programmes().catch(() => ({ programmes: [] }))).programmes;
  await draw();
}

start().catch(fail);
