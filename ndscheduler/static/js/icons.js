// Icons, drawn into the page: nothing is loaded for them.

import arrowClockwise from "bootstrap-icons/icons/arrow-clockwise.svg";
import boxArrowInRight from "bootstrap-icons/icons/box-arrow-in-right.svg";
import boxArrowRight from "bootstrap-icons/icons/box-arrow-right.svg";
import boxArrowUpRight from "bootstrap-icons/icons/box-arrow-up-right.svg";
import calendar from "bootstrap-icons/icons/calendar3.svg";
import checkLg from "bootstrap-icons/icons/check-lg.svg";
import chevronDown from "bootstrap-icons/icons/chevron-down.svg";
import chevronLeft from "bootstrap-icons/icons/chevron-left.svg";
import chevronRight from "bootstrap-icons/icons/chevron-right.svg";
import circle from "bootstrap-icons/icons/circle.svg";
import circleHalf from "bootstrap-icons/icons/circle-half.svg";
import clipboard from "bootstrap-icons/icons/clipboard.svg";
import clockFill from "bootstrap-icons/icons/clock-fill.svg";
import clockHistory from "bootstrap-icons/icons/clock-history.svg";
import dashLg from "bootstrap-icons/icons/dash-lg.svg";
import download from "bootstrap-icons/icons/download.svg";
import exclamationTriangle from "bootstrap-icons/icons/exclamation-triangle-fill.svg";
import eye from "bootstrap-icons/icons/eye.svg";
import eyeSlash from "bootstrap-icons/icons/eye-slash.svg";
import fastForward from "bootstrap-icons/icons/fast-forward-fill.svg";
import globe from "bootstrap-icons/icons/globe2.svg";
import grid from "bootstrap-icons/icons/grid-1x2.svg";
import hdd from "bootstrap-icons/icons/hdd-stack.svg";
import infoCircle from "bootstrap-icons/icons/info-circle.svg";
import journal from "bootstrap-icons/icons/journal-text.svg";
import key from "bootstrap-icons/icons/key.svg";
import keyboard from "bootstrap-icons/icons/keyboard.svg";
import link from "bootstrap-icons/icons/link-45deg.svg";
import listTask from "bootstrap-icons/icons/list-task.svg";
import moonStars from "bootstrap-icons/icons/moon-stars.svg";
import pause from "bootstrap-icons/icons/pause-fill.svg";
import pencil from "bootstrap-icons/icons/pencil.svg";
import people from "bootstrap-icons/icons/people.svg";
import person from "bootstrap-icons/icons/person-circle.svg";
import play from "bootstrap-icons/icons/play-fill.svg";
import plusLg from "bootstrap-icons/icons/plus-lg.svg";
import questionCircle from "bootstrap-icons/icons/question-circle.svg";
import search from "bootstrap-icons/icons/search.svg";
import slashCircle from "bootstrap-icons/icons/slash-circle.svg";
import squareFill from "bootstrap-icons/icons/square-fill.svg";
import sun from "bootstrap-icons/icons/sun.svg";
import threeDots from "bootstrap-icons/icons/three-dots.svg";
import trash from "bootstrap-icons/icons/trash.svg";
import xLg from "bootstrap-icons/icons/x-lg.svg";

const own = (shape) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" viewBox="0 0 16 16">${shape}</svg>`;

const SOURCES = {
  arc: own('<path d="M8 2a6 6 0 1 1-5.2 3"/>'),
  broken: own('<path d="M1.5 8h4M10.500 8h4M7 4.500 9 11.500"/>'),
  "arrow-clockwise": arrowClockwise,
  "box-arrow-in-right": boxArrowInRight,
  "box-arrow-right": boxArrowRight,
  "box-arrow-up-right": boxArrowUpRight,
  calendar,
  check: checkLg,
  "chevron-down": chevronDown,
  "chevron-left": chevronLeft,
  "chevron-right": chevronRight,
  circle,
  "circle-half": circleHalf,
  clipboard,
  clock: clockFill,
  "clock-history": clockHistory,
  dash: dashLg,
  download,
  eye,
  "eye-slash": eyeSlash,
  "fast-forward": fastForward,
  globe,
  grid,
  hdd,
  info: infoCircle,
  journal,
  key,
  keyboard,
  link,
  list: listTask,
  moon: moonStars,
  pause,
  pencil,
  people,
  person,
  play,
  plus: plusLg,
  question: questionCircle,
  search,
  slash: slashCircle,
  square: squareFill,
  sun,
  "three-dots": threeDots,
  trash,
  warning: exclamationTriangle,
  x: xLg,
};

const parsed = new Map();

/** A new SVG element; hidden from screen readers, since a word stands beside it. */
export function icon(name) {
  if (!parsed.has(name)) parsed.set(name, parse(name));
  return parsed.get(name).cloneNode(true);
}

function parse(name) {
  const source = SOURCES[name];
  if (!source) throw new Error(`There is no icon named ${name}.`);
  const svg = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  return document.importNode(svg, true);
}
