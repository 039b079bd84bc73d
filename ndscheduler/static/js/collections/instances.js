import { Paged } from "./paged.js";

export class Instances extends Paged {
  get path() {
    return "instances";
  }
}
