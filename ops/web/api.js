// The HTTP interface; a refusal becomes an Error whose message is the server's one sentence.

import { asked } from "./state.js";
import { lang } from "./words.js";

function refusal(answer, body) {
  const error = new Error(body.sentence ?? `${answer.status} ${answer.statusText}`);
  error.reason = body.reason;
  return error;
}

async function get(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusal(answer, body);
  return body;
}

// Content types by how a file's name ends: a browser's own guess depends on its machine.
const SHEETS = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv",
};
// A template that was filled in; what is wrong in it comes as `bad`, any other refusal as an Error.
export async function sendSheet(file, token, acting) {
  const query = new URLSearchParams({ language: lang(), ...(acting ? { as: acting } : {}) });
  const type = SHEETS[file.name.split(".").pop().toLowerCase()] ?? "application/octet-stream";
  const headers = { authorization: `Bearer ${token}`, "content-type": type };
  const answer = await fetch(`/api/sheets?${query}`, { method: "POST", headers, body: await file.arrayBuffer(), credentials: "omit" });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok && !body.bad) throw refusal(answer, answer.status === 401 ? { ...body, reason: "no_token" } : body);
  return body;
}

const ROWS = 20;
const unitPath = (code) => `/api/units/${encodeURIComponent(code)}`;

// Where a unit stands and what stands below it are of T and as known at K, as its figures are.
export const unit = (code, { on, known }) => get(`${unitPath(code)}?${given({ on, known })}`);
export const board = (view, by) => get(`${unitPath(view.unit)}/board?${asked(view, { by })}`);
export const obligations = (view) =>
  get(`${unitPath(view.unit)}/obligations?${asked(view, { state: view.state, page: view.page, rows: ROWS })}`);
// The answer to a question about the unit that is looked at; `extra` are its own parameters.
export const answer = (name, { unit, on, known }, extra = {}) =>
  get(`${unitPath(unit)}/${name}?${given({ on, known, ...extra })}`);
// The answer to a question about something else, such as one obligation or one programme.
export const about = (name, subject, { on, known }, extra = {}) =>
  get(`/api/${name}?${given({ ...subject, on, known, ...extra })}`);
const given = (all) => new URLSearchParams(Object.entries(all).filter(([, value]) => value));

// The same as files: suffix -> address.
const inWords = () => ({ language: lang() });
export const answerFile = (name, { unit, on, known }, extra = {}) => (suffix) =>
  `${unitPath(unit)}/${name}.${suffix}?${given({ on, known, ...extra, ...inWords() })}`;
export const aboutFile = (name, subject, { on, known }, extra = {}) => (suffix) =>
  `/api/${name}.${suffix}?${given({ ...subject, on, known, ...extra, ...inWords() })}`;
export const boardFile = (view, by) => (suffix) =>
  `${unitPath(view.unit)}/board.${suffix}?${asked(view, { by, ...inWords() })}`;
export const listFile = (view) => (suffix) =>
  `${unitPath(view.unit)}/obligations.${suffix}?${asked(view, { state: view.state, ...inWords() })}`;
export const templateFile = ({ unit, programme, period }) => (suffix) =>
  `${unitPath(unit)}/template.${suffix}?${given({ programme, period, ...inWords() })}`;
export const search = (text) => get(`/api/units?q=${encodeURIComponent(text)}`);
export const below = (code, { on, known }) => get(`/api/units?${given({ parent: code, on, known })}`);
export const programmes = () => get("/api/programmes");
export const verification = () => get("/api/verification");
export const stream = (code) => new EventSource(`${unitPath(code)}/stream`);
