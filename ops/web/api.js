// The HTTP interface; a refusal becomes an Error whose message is the server's one sentence.

import { asked } from "./state.js";

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(body.sentence ?? `${answer.status} ${answer.statusText}`);
    error.reason = body.reason;
    throw error;
  }
  return body;
}

const ROWS = 20;
const unitPath = (code) => `/api/units/${encodeURIComponent(code)}`;

export const unit = (code, on) => get(`${unitPath(code)}${on ? `?on=${encodeURIComponent(on)}` : ""}`);
export const board = (view, by) => get(`${unitPath(view.unit)}/board?${asked(view, { by })}`);
export const obligations = (view) =>
  get(`${unitPath(view.unit)}/obligations?${asked(view, { state: view.state, page: view.page, rows: ROWS })}`);
// The answer to a question about the unit that is looked at; `extra` are its own parameters.
export const answer = (name, { unit, on, known }, extra = {}) => {
  const given = Object.entries({ on, known, ...extra }).filter(([, value]) => value);
  return get(`${unitPath(unit)}/${name}?${new URLSearchParams(given)}`);
};
// The answer to a question about one obligation.
export const story = (name, obligation, { on, known }) => {
  const given = Object.entries({ obligation, on, known }).filter(([, value]) => value);
  return get(`/api/${name}?${new URLSearchParams(given)}`);
};
export const search = (text) => get(`/api/units?q=${encodeURIComponent(text)}`);
export const below = (code, on) =>
  get(`/api/units?parent=${encodeURIComponent(code)}${on ? `&on=${encodeURIComponent(on)}` : ""}`);
export const programmes = () => get("/api/programmes");
export const stream = (code) => new EventSource(`${unitPath(code)}/stream`);
