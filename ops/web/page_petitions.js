// Petitions of a quarter, by area: the report R5.

import { answerPage } from "./answer_page.js";

export const content = answerPage(
  "petitions",
  {
    area: "word:area", carried: "count", received: "count", taken_over: "count",
    transferred: "count", escalated: "count", settled: "count", withdrawn: "count", open: "count",
  },
  (view) => ({ period: view.period }),
);
