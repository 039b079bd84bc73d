// The charts of the page of a job, in a file of their own that is loaded when they are to be seen.

export { dayChart, lastDays, totalsOf } from "./day_chart.js";
export { durationChart } from "./duration_chart.js";
export { drawnIn } from "./svg.js";
