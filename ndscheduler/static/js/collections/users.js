import Backbone from "backbone";

import { Paged } from "./paged.js";

class Account extends Backbone.Model {
  // Accounts have no id of their own; lists want one.
  initialize() {
    this.id = idOf(this.attributes);
  }
}

export class Users extends Paged {
  get model() {
    return Account;
  }

  get path() {
    return "users";
  }

  modelId(attributes) {
    return idOf(attributes);
  }
}

// An account of the settings may have the name of one in the database.
function idOf({ source, name }) {
  return `${source}:${name}`;
}
