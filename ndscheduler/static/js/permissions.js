// What one's role may do. The page offers nothing else; the server is what decides.

// As in corescheduler/roles.py: each may do what those before it may.
export const ROLES = ["viewer", "operator", "editor", "admin"];

const NEEDS = {
  run: "operator",
  pause: "operator",
  skip: "operator",
  add: "editor",
  edit: "editor",
  delete: "editor",
  accounts: "admin",
};

/** Whether who has `role` may do `action`. A role that this page does not know may nothing. */
export function may(role, action) {
  const needed = ROLES.indexOf(NEEDS[action]);
  return needed >= 0 && ROLES.indexOf(role) >= needed;
}
