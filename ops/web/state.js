// What is being looked at, kept in the address, so that a link or a bookmark shows the same.

const KEYS = ["unit", "on", "known", "to_on", "to_known", "tree", "programme", "period", "all", "by", "state", "page", "show", "month", "year", "obligation", "phases", "rows", "measure", "cut", "key", "lang"];

export function read() {
  const query = new URLSearchParams(location.search);
  const view = {};
  for (const key of KEYS) if (query.get(key)) view[key] = query.get(key);
  return view;
}

export function address(view, changes = {}) {
  const query = new URLSearchParams();
  const merged = { ...view, ...changes };
  for (const key of KEYS) if (merged[key]) query.set(key, merged[key]);
  const text = query.toString();
  return text ? `/?${text}` : "/";
}

export function write(view, replaceEntry = false) {
  const target = address(view);
  if (replaceEntry) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
}

// The parameters that the board and the list of obligations have in common.
export function asked(view, extra = {}) {
  const query = new URLSearchParams();
  const { on, known, tree, programme, period } = view;
  const common = { on, known, tree, programme, period, ...(view.all ? { all: "true" } : {}) };
  for (const [key, value] of Object.entries({ ...common, ...extra })) {
    if (value !== undefined && value !== null && value !== "") query.set(key, value);
  }
  return query.toString();
}
