// What a new password must be, and one that nobody guesses.

export const LEAST_CHARACTERS = 8;

// 32 characters that are not taken for one another: five bits each.
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH = 20;
const GROUP = 5;

/** Whether it is long enough, counted as the server does: in characters, not in UTF-16 units. */
export function isLongEnough(password) {
  return Array.from(password).length >= LEAST_CHARACTERS;
}

/** 100 random bits, in groups that can be read out. */
export function generatedPassword() {
  const numbers = crypto.getRandomValues(new Uint8Array(LENGTH));
  const letters = Array.from(numbers, (number) => LETTERS[number % LETTERS.length]).join("");
  return letters.match(new RegExp(`.{${GROUP}}`, "g")).join("-");
}
