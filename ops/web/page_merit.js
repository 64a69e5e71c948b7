// Which units qualify for a commendation on their figures of a year; a person decides.

import { answerPage } from "./answer_page.js";

export const content = answerPage(
  "merit",
  {
    unit: "unit", qualifies: "flag", is_proposed: "flag", is_awarded: "flag",
    tasks_due: "count", tasks_on_time: "count", tasks_overdue: "count",
    reports_due: "count", reports_on_time: "count", reports_overdue: "count",
    reminded: "count", criticised: "count", findings_open: "count", index_score: "score",
  },
  (view) => ({ year: view.year }),
);
