// Words in the chosen language, from the one table of ops/i18n.py; and how figures are written.

let words = {};
let language = "vi";

export async function load(lang) {
  const answer = await fetch(`/api/words/${lang}`);
  if (!answer.ok) throw new Error(`words: ${answer.status}`);
  words = await answer.json();
  language = lang;
  document.documentElement.lang = lang;
}

export const lang = () => language;

// The word for a key; {name} is filled from values. A key without a word shows itself.
export function t(key, values) {
  const text = words[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

// A word for a code of an open list (areas, kinds of unit): the code itself where there is none.
export const word = (list, code) => words[`${list}.${code}`] ?? code;

const locale = () => (language === "vi" ? "vi-VN" : "en-GB");

export const number = (value) =>
  value === null || value === undefined ? "–" : new Intl.NumberFormat(locale()).format(value);

// A rate 0…1 as a percentage; null is "no data", never 0 %. 99.96 % is not rounded up to 100 %.
export function percent(rate) {
  if (rate === null || rate === undefined) return t("ui.no_data");
  let hundredth = Math.round(rate * 1000) / 10;
  if (rate < 1 && hundredth === 100) hundredth = 99.9;
  if (rate > 0 && hundredth === 0) hundredth = 0.1;
  const digits = hundredth === 0 || hundredth === 100 ? 0 : 1;
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${new Intl.NumberFormat(locale(), form).format(hundredth)} %`;
}

const LOCAL_OFFSET_MS = 7 * 3600e3;
const two = (value) => String(value).padStart(2, "0");

// YYYY-MM-DD -> dd/MM/yyyy, in both languages.
export const day = (iso) => (iso ? iso.slice(0, 10).split("-").reverse().join("/") : "–");

// An instant (RFC 3339) or a day -> dd/MM/yyyy [HH:mm] in Vietnam's time.
export function instant(text) {
  if (!text) return "–";
  if (text.length === 10) return day(text);
  const local = new Date(Date.parse(text) + LOCAL_OFFSET_MS).toISOString();
  return `${day(local)} ${local.slice(11, 16)}`;
}

const ROMAN = ["I", "II", "III", "IV"];

// 2012-Q2 -> Quý II năm 2012, as a letter writes it; in English, and of another form, as it is.
export function period(text) {
  const match = /^(\d{4})(?:-(?:Q([1-4])|H([12])|(0[1-9]|1[0-2])))?$/.exec(text);
  if (!match || language !== "vi") return text;
  const [, year, quarter, half, month] = match;
  if (quarter) return `Quý ${ROMAN[quarter - 1]} năm ${year}`;
  if (half) return `6 tháng ${half === "1" ? "đầu" : "cuối"} năm ${year}`;
  return month ? `tháng ${Number(month)}/${year}` : `năm ${year}`;
}

export function clock(ms) {
  const local = new Date(ms + LOCAL_OFFSET_MS);
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
}

export const today = () => new Date(Date.now() + LOCAL_OFFSET_MS).toISOString().slice(0, 10);

// dd/MM/yyyy as typed -> YYYY-MM-DD, or null where it is no day.
export function parseDay(text) {
  const match = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!match) return null;
  const iso = `${match[3]}-${two(match[2])}-${two(match[1])}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null;
}

// dd/MM/yyyy, or dd/MM/yyyy HH:mm in Vietnam's time -> a day or an instant; null where it is none.
export function parseMoment(text) {
  const match = /^(.*?)(?:[ ,]+([01]?\d|2[0-3])[:h]([0-5]\d))?\s*$/.exec(text);
  const iso = parseDay(match[1]);
  return iso && match[2] ? `${iso}T${two(match[2])}:${match[3]}:00+07:00` : iso;
}

export function addDays(iso, days) {
  const date = new Date(`${iso}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

// A due is kept exclusive (the midnight before which); people are shown the last day in time.
export const lastDay = (dueBefore) => (dueBefore ? day(addDays(dueBefore, -1)) : "–");

export const collator = () => new Intl.Collator("vi", { numeric: true, sensitivity: "base" });
