import { Paged } from "./paged.js";

export class AuditEntries extends Paged {
  get path() {
    return "logs";
  }
}
