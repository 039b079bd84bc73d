// Who is logged in here, and what happens when that ends: the login comes in place of the page, and
// afterwards the page again, where it was. Both times the document is read anew, so that nothing of
// one user is left for another.

import Backbone from "backbone";

import { apiEvents, del, get } from "./api.js";
import { loginPlace, placeHere } from "./router.js";

// A stream that is lost may be refused because the login is over: EventSource does not say so.
const ASK_MILLISECONDS = 15000;

/** Show what stands behind `fragment`, all of it read anew. */
export function startAnew(fragment) {
  window.history.replaceState(null, "", `#${fragment}`);
  window.location.reload();
}

export class Session {
  /** `known` is what the page came with, as GET /session says it. */
  constructor(known, live, begin = startAnew) {
    Object.assign(this, Backbone.Events);
    this.known = known;
    this.live = live;
    this.begin = begin;
    // From then on no form holds anybody back: what was typed is kept.
    this.isOver = false;
    this.listenTo(apiEvents, "unauthorized", this.end);
    this.listenTo(live, "bye", this.check);
    setInterval(() => live.status === "lost" && this.check(), ASK_MILLISECONDS);
  }

  /** Somebody has to log in, to go on here. */
  end() {
    this.leave(loginPlace(placeHere()));
  }

  leave(fragment) {
    if (this.isOver) return;
    this.isOver = true;
    this.begin(fragment);
  }

  /** Ask who is logged in now: another one, or with another role, gets a page of his own. */
  async check() {
    if (this.isOver) return;
    try {
      const now = await get("session");
      if (now.login_required) this.end();
      else if (isOther(now, this.known)) this.leave(placeHere());
      else this.live.goOn();
    } catch {
      // The server is away; the stream finds it again.
      this.live.goOn();
    }
  }

  /** Log out. Rejects with ApiError. */
  async logOut() {
    this.isOver = true;
    try {
      await del("session");
      this.begin(loginPlace(""));
    } catch (error) {
      this.isOver = false;
      throw error;
    }
  }
}

function isOther(now, known) {
  return ["username", "role", "way"].some((name) => now[name] !== known[name]);
}
