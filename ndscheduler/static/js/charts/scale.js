// Axes of charts: round numbers, and where they stand.

// Steps that people count in: of numbers, and of seconds.
const STEPS = [1, 2, 5, 10];
const SECOND_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/** Up to `count` round numbers above 0, the last at least `most`; `isSeconds` for durations. */
export function ticksFor(most, { count = 3, isSeconds = false, isWhole = false } = {}) {
  const least = Math.max(most, isWhole ? 1 : 1e-3) / count;
  const step = isSeconds && least > 30 ? secondStep(least) : roundStep(least, isWhole);
  const ticks = [];
  for (let tick = step; ticks.length < count; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
    if (tick >= most) break;
  }
  return ticks;
}

function roundStep(least, isWhole) {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = STEPS.map((each) => each * power).find((each) => each >= least * (1 - 1e-9));
  return isWhole ? Math.max(1, Math.ceil(step)) : step;
}

function secondStep(least) {
  const days = Math.ceil(least / 86400) * 86400;
  return SECOND_STEPS.find((each) => each >= least) ?? days;
}
