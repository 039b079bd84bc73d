// What comes next.

import _ from "underscore";

import { Job } from "../../models/job.js";
import { el, textCell } from "../../dom.js";
import { runWithArguments } from "../../dialogs/run_with_arguments.js";
import { skipNext } from "../../dialogs/skip_next.js";
import { href } from "../../router.js";
import { timeElement } from "../../times.js";
import { Panel } from "./panel.js";

const LOOKED_AT = 500;
const SHOWN = 10;

export class Upcoming extends Panel {
  get name() {
    return "upcoming";
  }

  get heading() {
    return "Upcoming";
  }

  async read(get) {
    const { fires } = await get("upcoming", { limit: LOOKED_AT });
    if (!fires.length) {
      const link = el("a", { href: "#jobs/new" }, "Make one");
      this.show(el("p", { class: "soft panel-empty" }, "No job fires in the next hours. ", link));
      return;
    }
    // A job that fires each minute would fill the list: each job stands in it once.
    const firsts = _.uniq(fires, false, (fire) => fire.job_id).slice(0, SHOWN);
    this.show(
      el(
        "ul",
        { class: "upcoming-list" },
        firsts.map((fire) => this.item(fire)),
      ),
    );
  }

  item(fire) {
    const act = (dialog) => async () =>
      dialog(this.app, await new Job({ job_id: fire.job_id }).load());
    const button = (word, dialog) =>
      el(
        "button",
        { type: "button", class: "btn btn-sm btn-outline-secondary", click: act(dialog) },
        word,
      );
    return el(
      "li",
      {},
      el(
        "a",
        { class: "upcoming-job", href: href(["jobs", fire.job_id]) },
        textCell(fire.job_name, 40),
      ),
      timeElement(fire.fire_time, "countdown"),
      el("span", { class: "soft" }, timeElement(fire.fire_time, "minute")),
      el(
        "span",
        { class: "upcoming-actions" },
        button("Skip", skipNext),
        button("Run", runWithArguments),
      ),
    );
  }
}
