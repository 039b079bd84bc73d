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

  /** The zone of its job; null where the job is gone. */
  get zone() {
    return this.get("job")?.timezone ?? null;
  }

  get jobStillExists() {
    return Boolean(this.get("job"));
  }
}
