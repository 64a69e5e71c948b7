// Every figure leads to where it comes from: the page that explains it.

import { number } from "./words.js";

let anchor = null;
let explains = () => false;

// `made` makes a link from what changes in the address; `allowed` says whether what is looked at
// can be explained.
export function useLinks(made, allowed) {
  anchor = made;
  explains = allowed;
}

// The cuts whose rows can be explained; a row without a key has no word to ask by.
const CUTS = new Set([
  "kind", "area", "level", "unit_kind", "child", "item", "period", "due_month", "due_year",
  "programme", "column",
]);

// A count as a link; `cut` and `key` name the row of a board that it stands in, `more` says what
// else changes in the address: another day, for one.
export function figure(measure, count, cut = "", key = "", more = {}) {
  const known = !cut || (CUTS.has(cut) && key);
  if (!count || !anchor || !known || !explains()) return number(count);
  const link = anchor({ show: "explain", measure, cut, key, page: "", state: "", ...more }, number(count));
  link.classList.add("figure");
  return link;
}
