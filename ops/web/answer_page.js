// A page that is the table of one question's answer.

import * as api from "./api.js";
import { answerTable } from "./answer_table.js";
import { h } from "./dom.js";
import { files, head } from "./page_head.js";
import { period, t } from "./words.js";

// `columns`: as answerTable has them. `given`: the parameters of the question, from what is looked
// at. `title`: the word of the page where it is not that of the question.
export function answerPage(name, columns, given = () => ({})) {
  return async function content(view, unit, tools) {
    const found = await api.answer(name, view, given(view));
    const title = `${unit.name}: ${t(`page.${name}`)}`;
    const about = [found.period && period(found.period), found.year].filter(Boolean).map((one) => ` · ${one}`);
    return [
      head(view, [title, about], files(title, api.answerFile(name, view, given(view)))),
      h("section", { class: "card" }, answerTable(name, title, columns, found.rows, tools)),
    ];
  };
}
