// Which records were entered long after the date that they claim.

import { answerPage } from "./answer_page.js";

export const content = answerPage("backdated", {
  days_late: "count", at: "instant", recorded_at: "instant", step: "word:trail", unit_name: "text",
  across: "flag", by_name: "text", document: "text", obligation: "text",
});
