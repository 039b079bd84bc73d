import { Execution } from "../models/execution.js";
import { Paged } from "./paged.js";

export class Executions extends Paged {
  get model() {
    return Execution;
  }

  get path() {
    return "executions";
  }

  modelId(attributes) {
    return attributes.execution_id;
  }
}
