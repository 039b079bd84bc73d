// What one's role may do. The page offers nothing else; the server is what decides.

// As in corescheduler/roles.py: each may do what those before it may.
export const ROLES = ["viewer", "operator", "editor", "admin"];

/** [role, what it is called, what it may do besides]. */
export const ROLE_WORDS = [
  ["viewer", "Viewer", "Looks at everything but secret arguments."],
  ["operator", "Operator", "Also runs, pauses and resumes jobs."],
  ["editor", "Editor", "Also adds, changes and deletes jobs."],
  ["admin", "Admin", "Also manages users and API tokens."],
];

const NEEDS = {
  run: "operator",
  pause: "operator",
  skip: "operator",
  add: "editor",
  edit: "editor",
  delete: "editor",
  accounts: "admin",
};

/** "Admin"; a role that only the server knows by its own name. */
export function roleWord(role) {
  return ROLE_WORDS.find(([known]) => known === role)?.[1] ?? role ?? "unknown";
}

/** Whether who has `role` may do `action`. A role that this page does not know may nothing. */
export function may(role, action) {
  return action in NEEDS && includes(role, NEEDS[action]);
}

// What pages are for, besides looking; by the names that router.js gives them.
const PAGE_NEEDS = { jobForm: "edit", users: "accounts", tokens: "accounts" };

/** The role that one needs for a page; null where everybody may see it. */
export function roleForPage(page) {
  return NEEDS[PAGE_NEEDS[page]] ?? null;
}

/** Whether `role` is `needed`, or more. */
export function includes(role, needed) {
  return needed === null || ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether whose `session` this is has a password that he can change here. */
export function mayChangePassword({ way, source }) {
  return ["session", "basic"].includes(way) && source === "database";
}

/** Whom a server serves that asks nobody for a login; `auth` is its setting AUTH. */
export function openWords({ auth }) {
  return `Open to everybody ${auth === "none" ? "who reaches it" : "on this machine"}`;
}
