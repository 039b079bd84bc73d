// A model of something that the REST API shows.

import Backbone from "backbone";

import { get, pathOf } from "../api.js";

export class Record extends Backbone.Model {
  /** `path` of the list, such as "jobs"; `query` that every read sends. */
  get path() {
    throw new Error("A record says where it is read.");
  }

  get readQuery() {
    return {};
  }

  /** Read it again; of several answers that of the last call counts. Rejects with ApiError. */
  async load() {
    const call = (this.lastCall = {});
    const answer = await get(pathOf(this.path, this.id), this.readQuery);
    if (call === this.lastCall) this.set(answer);
    return this;
  }
}
