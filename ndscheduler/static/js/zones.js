// Instants as the clock of a zone shows them, and back, as fields of type datetime-local take them.

const MINUTE = 60_000;

/** "2026-11-24T03:00" or "...T03:00:05": what the clock of `zone` shows at `instant`. */
export function wallTime(instant, zone) {
  if (!instant) return "";
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  const text = new Date(date.getTime() + offsetAt(date.getTime(), zone)).toISOString();
  return text.slice(17, 19) === "00" ? text.slice(0, 16) : text.slice(0, 19);
}

/**
 * The instant (ISO 8601, UTC) at which the clock of `zone` shows `text`: of an hour that comes twice
 * the first, in a gap the first instant after it. Null for what is no time.
 */
export function instantOf(text, zone) {
  const shown = new Date(`${text}Z`).getTime();
  if (!text || Number.isNaN(shown)) return null;
  const guesses = [shown - offsetAt(shown - 1440 * MINUTE, zone), shown - offsetAt(shown, zone)];
  guesses.push(shown - offsetAt(shown + 1440 * MINUTE, zone));
  const matching = guesses.filter((guess) => guess + offsetAt(guess, zone) === shown);
  const instant = matching.length
    ? Math.min(...matching)
    : endOfGap(Math.min(...guesses), Math.max(...guesses), zone);
  return new Date(instant).toISOString();
}

/** The first second after `before` at which the clock of `zone` is as far ahead as at `after`. */
function endOfGap(before, after, zone) {
  const offset = offsetAt(before, zone);
  let [low, high] = [before, after];
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle, zone) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** What the clock of `zone` is ahead of UTC at `time`, in milliseconds. */
function offsetAt(time, zone) {
  const found = Object.fromEntries(
    formatOf(zone)
      .formatToParts(new Date(time))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = found;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

const formats = new Map();

function formatOf(zone) {
  if (!formats.has(zone)) formats.set(zone, newFormat(zone));
  return formats.get(zone);
}

function newFormat(timeZone) {
  const numeric = "numeric";
  const options = { year: numeric, month: numeric, day: numeric, hourCycle: "h23" };
  Object.assign(options, { hour: numeric, minute: numeric, second: numeric });
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
  } catch {
    // The server may know zones that this browser does not.
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  }
}
