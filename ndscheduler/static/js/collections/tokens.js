import { Paged } from "./paged.js";

export class Tokens extends Paged {
  get path() {
    return "tokens";
  }
}
