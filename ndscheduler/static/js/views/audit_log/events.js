// What happened, by the labels of the REST API: the word for it, and an icon.

const KINDS = {
  added: ["Added", "plus"],
  modified: ["Changed", "pencil"],
  deleted: ["Deleted", "trash"],
  paused: ["Paused", "pause"],
  resumed: ["Resumed", "play"],
  custom_run: ["Run by hand", "play"],
  skipped_next: ["Next run skipped", "fast-forward"],
  login: ["Logged in", "box-arrow-in-right"],
  logout: ["Logged out", "box-arrow-right"],
  login_refused: ["Login refused", "slash"],
  login_throttled: ["Logins slowed down", "clock"],
  user_added: ["User added", "person"],
  user_changed: ["User changed", "person"],
  password_changed: ["Password changed", "key"],
  token_added: ["Token made", "key"],
  token_revoked: ["Token revoked", "slash"],
};

/** [label, word] of every event. */
export const EVENT_WORDS = Object.entries(KINDS).map(([label, [word]]) => [label, word]);

/** Its word; users' code may have events of its own. */
export function wordOfEvent(label) {
  return KINDS[label]?.[0] ?? label;
}

/** The name of its icon; null where it has none. */
export function iconOfEvent(label) {
  return KINDS[label]?.[1] ?? null;
}
