// What the form offers to choose from. Without a list, one can still type.

import Backbone from "backbone";

import { get } from "../../api.js";

/** `classes` (as GET /job-classes), `zones` (names), `tags` (names); undefined until they are there. */
export class FormLists extends Backbone.Model {
  load() {
    const take = (path, pick) => get(path).then((answer) => this.set(pick(answer)), this.fail);
    return Promise.all([
      take("job-classes", ({ job_classes: classes }) => ({ classes })),
      take("tags", ({ tags }) => ({ tags: tags.map(({ tag }) => tag) })),
      get("timezones").then(
        ({ timezones }) => this.set({ zones: timezones }),
        () => this.set({ zones: Intl.supportedValuesOf?.("timeZone") ?? [] }),
      ),
    ]);
  }

  // The list stays empty: the server says what it does not like.
  fail() {}
}
