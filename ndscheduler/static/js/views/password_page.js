import { noLogin } from "./no_login.js";
import { PageView } from "./page_view.js";

export class PasswordPage extends PageView {
  get title() {
    return "Change password";
  }

  render() {
    this.el.replaceChildren(...noLogin(this.title, "There is no password to change"));
    return this;
  }
}
