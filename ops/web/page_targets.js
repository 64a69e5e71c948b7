// How far targets with quantities are, by item.

import { answerPage } from "./answer_page.js";

export const content = answerPage(
  "targets",
  {
    item: "text", title: "text", target: "score", measured: "score",
    counted_in: "word:measure_unit", share: "rate", owers: "count", reported: "count", reached: "count",
  },
  (view) => ({ programme: view.programme }),
);
