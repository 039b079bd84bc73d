import { noLogin } from "./no_login.js";
import { PageView } from "./page_view.js";

export class UsersPage extends PageView {
  get title() {
    return "Users";
  }

  render() {
    this.el.replaceChildren(...noLogin(this.title, "There are no users to manage"));
    return this;
  }
}
