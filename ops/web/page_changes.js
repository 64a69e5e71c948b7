// What was changed of the duties of a unit and all below it.

import { answerPage } from "./answer_page.js";

export const content = answerPage("changes", {
  at: "instant", obligation: "text", what: "word:change", before: "day", after: "day",
  lapsed: "flag", by_name: "text", document: "text", recorded_at: "instant",
});
