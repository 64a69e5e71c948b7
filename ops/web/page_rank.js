// Where a unit stands beside others in a year; the published rating beside what is computed.

import { answerPage } from "./answer_page.js";

export const content = answerPage(
  "rank",
  {
    rank: "count", unit: "unit", due: "count", on_time_of_due: "count", overdue: "count",
    on_time_rate: "rate", index_score: "score", published_rank: "count", rating_class: "text",
  },
  (view) => ({ year: view.year }),
);
