// A table whose columns sort by a button in the head; the order is told to screen readers too.

import { h, replace } from "./dom.js";
import { collator, number, t } from "./words.js";

const ROWS_SHOWN = 25;
const chosen = new Map(); // table name -> {column, down}: kept while figures are redrawn

function compare(column, down) {
  const text = collator();
  return (a, b) => {
    const x = column.value(a);
    const y = column.value(b);
    // "No data" stands last whichever way is sorted.
    const none = (v) => v === null || v === undefined;
    if (none(x) || none(y)) return none(x) - none(y);
    const order = typeof x === "string" ? text.compare(x, y) : x - y;
    return down ? -order : order;
  };
}

// columns: {key, head, title?, value(row), show(row), number?: bool, first?: "down"}
const whole = new Set(); // names of the tables that are shown with all their rows

// `look`: how a row becomes a card on a phone.
export function sortable(name, caption, columns, rows, rowClass = () => "", look = "cards") {
  const box = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
  const draw = () => {
    const order = chosen.get(name);
    const column = order && columns.find((c) => c.key === order.column);
    const sorted = column ? [...rows].sort(compare(column, order.down)) : rows;
    const head = columns.map((c) => {
      const active = order?.column === c.key;
      const arrow = active ? (order.down ? "▼" : "▲") : "";
      const sort = () => {
        const down = active ? !order.down : c.first === "down";
        chosen.set(name, { column: c.key, down });
        draw();
      };
      return h("th",
        {
          scope: "col",
          class: `${c.number ? "num" : ""} col-${c.key}`,
          "aria-sort": active ? (order.down ? "descending" : "ascending") : null,
        },
        h("button",
          { type: "button", onclick: sort, title: c.title ?? t("ui.sort"), "data-focus": `${name}-${c.key}` },
          c.head, h("span", { class: "arrow", "aria-hidden": "true" }, arrow)));
    });
    const all = whole.has(name) || sorted.length <= ROWS_SHOWN + 5;
    const showAll = () => {
      whole.add(name);
      draw();
    };
    replace(box, h("table", { class: `figures ${look} t-${name}` },
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, head)),
      h("tbody", {}, (all ? sorted : sorted.slice(0, ROWS_SHOWN)).map((row) =>
        h("tr", { class: rowClass(row) }, columns.map((c, index) =>
          h(index === 0 ? "th" : "td",
            {
              scope: index === 0 ? "row" : null,
              class: `${c.number ? "num" : ""} col-${c.key}`,
              "data-name": c.head,
            },
            c.show(row))))))),
    all ? null : h("button", { type: "button", class: "quiet all-rows", onclick: showAll, "data-focus": `${name}-all` },
      t("ui.all_rows", { count: number(sorted.length) })));
  };
  draw();
  return box;
}
