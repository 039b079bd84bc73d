// An execution: one run of one job.

import { stateOf } from "../states.js";
import { Record } from "./record.js";

export class Execution extends Record {
  preinitialize() {
    this.idAttribute = "execution_id";
  }

  get path() {
    return "executions";
  }

  get readQuery() {
    return { include: "neighbours" };
  }

  get isLive() {
    return Boolean(stateOf(this.get("state")).live);
  }

  get jobStillExists() {
    return Boolean(this.get("job"));
  }
}
