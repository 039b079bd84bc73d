import { Job } from "../models/job.js";
import { Paged } from "./paged.js";

export class Jobs extends Paged {
  get model() {
    return Job;
  }

  get path() {
    return "jobs";
  }

  modelId(attributes) {
    return attributes.job_id;
  }
}
