// Lists of things in words.

/** Longer lists are not told in words. */
export const MOST_LISTED = 12;

/** "a", "a and b", "a, b and c". */
export function listed(words) {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Runs of neighbours in `values`, ascending: [[1, 5], [8, 8]]. Runs of two stay apart. */
export function runs(values) {
  const found = [];
  for (const value of values) {
    const run = found.at(-1);
    if (run && run[1] === value - 1) run[1] = value;
    else found.push([value, value]);
  }
  return found.flatMap(([first, last]) =>
    last === first + 1
      ? [
          [first, first],
          [last, last],
        ]
      : [[first, last]],
  );
}

/** `values` as `word` tells them, with runs as "8 to 17": "1, 3 and 8 to 17". */
export function listedRuns(values, word = String) {
  return listed(
    runs(values).map(([first, last]) =>
      first === last ? word(first) : `${word(first)} to ${word(last)}`,
    ),
  );
}
