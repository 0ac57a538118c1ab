// Every command of the page with its keys: QuPath's letters where it has them. A button says the key of its command, and `?` lists
// them all.

import type { Id } from "../../src/api.ts";
import { boxAround, clickSize } from "./canvas/shapes.ts";
import {
  classify,
  deleteSelected,
  growSelected,
  markBox,
  markPoint,
  moveSelected,
  redo,
  selectedCells,
  undo,
} from "./state/marking.ts";
import { classes } from "./state/project.ts";
import { answer, back, forward } from "./state/queue.ts";
import { asking, confirmSheet, takeBackHere, turnAsking } from "./state/sheet.ts";
import {
  currentClass,
  dialog,
  image,
  markClass,
  type Panel,
  panel,
  regionKind,
  show,
  stepImage,
  type Tool,
  tool,
} from "./state/view.ts";
import { nudgeScore, setComparing, showPanel, toggle } from "./state/viewing.ts";
import { hand, panning } from "./viewer/hand.ts";
import { mainStage } from "./viewer/stage.ts";

export interface Command {
  readonly label: string;
  readonly group: "Tools" | "Marks" | "Show" | "Answer" | "Move about" | "Page";
  /** "ctrl+z", "shift+r", "."; the first one is shown on the button. */
  readonly keys: readonly string[];
  readonly run: () => void;
  /** Where it works; everywhere if it is absent. */
  readonly when?: () => boolean;
}

const onAnswers = () => panel.value === "answer";
const notAnswering = () => !onAnswers();
const answering = () => onAnswers() && asking.value === "one";
const onSheet = () => onAnswers() && asking.value === "sheet";
const onViewer = () => document.activeElement?.closest(".stage") != null;

const choose = (to: Tool) => () => {
  if (tool.value !== to) hand.cancelDrawing();
  tool.value = to;
};
const open = (to: Panel) => () => showPanel(to);
const openDialog = (name: NonNullable<typeof dialog.value>["name"]) => () => {
  dialog.value = { name };
};

/** Where the crosshair is: the keyboard's way to mark. */
function markMiddle(): void {
  const at = mainStage()?.middle();
  const kind = classes.value.find(({ id }) => id === currentClass.value) ?? classes.value[0];
  if (!at || !image.value || !kind) return;
  if (tool.value === "point") markPoint(at);
  if (tool.value === "box") markBox(boxAround(at, clickSize(kind.size, image.value)));
}

const pan = (x: number, y: number) => () => mainStage()?.panBy(x, y);

/** The class of the selected cells, or of the next mark. */
export function chooseClass(id: Id | null): void {
  if (answering() && id !== null) {
    answer("accept", id);
    return;
  }
  if (selectedCells().length > 0) classify(id);
  markClass.value = id;
}

export const commands = {
  move: { label: "Move and select", group: "Tools", keys: ["m"], run: choose("move") },
  point: { label: "Point: a click is a cell", group: "Tools", keys: ["."], run: choose("point") },
  box: { label: "Box around a cell", group: "Tools", keys: ["r"], run: choose("box") },
  region: { label: "Rectangular region", group: "Tools", keys: ["shift+r"], run: choose("region") },
  polygon: { label: "Polygonal region", group: "Tools", keys: ["p"], run: choose("polygon") },
  kind: {
    label: "Regions: complete or ignore",
    group: "Tools",
    keys: ["i"],
    run: () => {
      regionKind.value = regionKind.value === "complete" ? "ignore" : "complete";
    },
  },
  undo: { label: "Undo", group: "Marks", keys: ["ctrl+z"], run: () => (onAnswers() ? takeBackHere() : undo()) },
  redo: { label: "Redo", group: "Marks", keys: ["ctrl+shift+z", "ctrl+y"], run: redo },
  delete: { label: "Delete what is selected", group: "Marks", keys: ["delete", "backspace"], run: deleteSelected },
  not: { label: "Not a cell", group: "Marks", keys: ["x"], run: () => chooseClass(null), when: notAnswering },
  markHere: {
    label: "Mark at the crosshair",
    group: "Marks",
    keys: ["enter"],
    run: () => (tool.value === "polygon" ? hand.closePolygon() : markMiddle()),
    when: () => notAnswering() && onViewer(),
  },
  cancel: {
    label: "Cancel, select nothing",
    group: "Marks",
    keys: ["escape"],
    run: () => hand.cancel(),
  },
  nudgeLeft: { label: "Move the selected cell", group: "Marks", keys: ["alt+arrowleft"], run: () => moveSelected(-1, 0) },
  nudgeRight: { label: "Move the selected cell", group: "Marks", keys: ["alt+arrowright"], run: () => moveSelected(1, 0) },
  nudgeUp: { label: "Move the selected cell", group: "Marks", keys: ["alt+arrowup"], run: () => moveSelected(0, -1) },
  nudgeDown: { label: "Move the selected cell", group: "Marks", keys: ["alt+arrowdown"], run: () => moveSelected(0, 1) },
  wider: { label: "Change its size", group: "Marks", keys: ["alt+shift+arrowright"], run: () => growSelected(1, 0) },
  narrower: { label: "Change its size", group: "Marks", keys: ["alt+shift+arrowleft"], run: () => growSelected(-1, 0) },
  taller: { label: "Change its size", group: "Marks", keys: ["alt+shift+arrowup"], run: () => growSelected(0, 1) },
  lower: { label: "Change its size", group: "Marks", keys: ["alt+shift+arrowdown"], run: () => growSelected(0, -1) },
  marks: { label: "Marked cells", group: "Show", keys: ["a"], run: () => toggle(show.marks) },
  detections: { label: "Detections", group: "Show", keys: ["d"], run: () => toggle(show.detections) },
  suspects: { label: "Suspected cells", group: "Show", keys: ["h"], run: () => toggle(show.suspects) },
  regions: { label: "Regions", group: "Show", keys: ["g"], run: () => toggle(show.regions) },
  names: { label: "Names", group: "Show", keys: ["n"], run: () => toggle(show.names) },
  lowerScore: { label: "Lower score: more detections", group: "Show", keys: ["["], run: () => nudgeScore(-0.05) },
  higherScore: { label: "Higher score: fewer detections", group: "Show", keys: ["]"], run: () => nudgeScore(0.05) },
  compare: { label: "Two rounds side by side", group: "Show", keys: ["v"], run: () => setComparing() },
  accept: { label: "Yes, a cell", group: "Answer", keys: ["space", "enter"], run: () => answer("accept"), when: answering },
  refuse: { label: "No, not a cell", group: "Answer", keys: ["x"], run: () => answer("refuse"), when: answering },
  unsure: { label: "Unsure: ignore this place", group: "Answer", keys: ["u"], run: () => answer("unsure"), when: answering },
  next: { label: "Next", group: "Answer", keys: ["arrowright"], run: forward, when: answering },
  previous: { label: "Previous", group: "Answer", keys: ["arrowleft"], run: back, when: answering },
  takeBack: { label: "Take the last answer back", group: "Answer", keys: ["z"], run: takeBackHere, when: onAnswers },
  sheet: { label: "Many at once, or one by one", group: "Answer", keys: ["s"], run: turnAsking, when: onAnswers },
  confirmSheet: { label: "All others are cells", group: "Answer", keys: ["y"], run: confirmSheet, when: onSheet },
  nextImage: { label: "Next image", group: "Move about", keys: ["pagedown"], run: () => stepImage(1) },
  previousImage: { label: "Previous image", group: "Move about", keys: ["pageup"], run: () => stepImage(-1) },
  zoomIn: { label: "Zoom in", group: "Move about", keys: ["+", "="], run: () => mainStage()?.zoomBy(1.4) },
  zoomOut: { label: "Zoom out", group: "Move about", keys: ["-"], run: () => mainStage()?.zoomBy(1 / 1.4) },
  home: { label: "Whole image", group: "Move about", keys: ["0"], run: () => mainStage()?.home() },
  left: { label: "Pan", group: "Move about", keys: ["arrowleft"], run: pan(-60, 0), when: () => notAnswering() && onViewer() },
  right: { label: "Pan", group: "Move about", keys: ["arrowright"], run: pan(60, 0), when: () => notAnswering() && onViewer() },
  up: { label: "Pan", group: "Move about", keys: ["arrowup"], run: pan(0, -60), when: onViewer },
  down: { label: "Pan", group: "Move about", keys: ["arrowdown"], run: pan(0, 60), when: onViewer },
  fineLeft: { label: "Pan a little", group: "Move about", keys: ["shift+arrowleft"], run: pan(-8, 0), when: onViewer },
  fineRight: { label: "Pan a little", group: "Move about", keys: ["shift+arrowright"], run: pan(8, 0), when: onViewer },
  fineUp: { label: "Pan a little", group: "Move about", keys: ["shift+arrowup"], run: pan(0, -8), when: onViewer },
  fineDown: { label: "Pan a little", group: "Move about", keys: ["shift+arrowdown"], run: pan(0, 8), when: onViewer },
  mark: { label: "Mark", group: "Page", keys: ["k"], run: open("mark") },
  train: { label: "Train", group: "Page", keys: ["t"], run: open("train") },
  answer: { label: "Answer", group: "Page", keys: ["q"], run: open("answer") },
  results: { label: "Results", group: "Page", keys: ["w"], run: open("results") },
  export: { label: "Export", group: "Page", keys: ["e", "ctrl+s"], run: openDialog("export") },
  keys: { label: "List of keys", group: "Page", keys: ["?"], run: openDialog("keys") },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;
const all: readonly Command[] = Object.values(commands);

/** "ctrl+shift+z" of an event; letters and signs as they are typed. */
export function keyOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const sign = key.length === 1 && !/[a-z]/.test(key); // its shift is part of it
  const held = [(event.ctrlKey || event.metaKey) && "ctrl", event.altKey && "alt", event.shiftKey && !sign && "shift"];
  return [...held.filter(Boolean), key].join("+");
}

/** As people read it. */
export function shownKey(key: string): string {
  const words: Record<string, string> = {
    ctrl: "Ctrl",
    shift: "Shift",
    alt: "Alt",
    space: "Space",
    enter: "Enter",
    escape: "Esc",
    delete: "Delete",
    backspace: "Backspace",
    arrowleft: "←",
    arrowright: "→",
    arrowup: "↑",
    arrowdown: "↓",
    pageup: "Page up",
    pagedown: "Page down",
  };
  const parts = key === "+" ? ["+"] : key.split("+");
  return parts.map((part) => words[part] ?? (part.length === 1 && key !== part ? part.toUpperCase() : part)).join(" ");
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** A field of one line has no pages to turn: from the filter one goes on through the images. */
const isForTheList = (target: EventTarget | null, key: string) => target instanceof HTMLInputElement && key.startsWith("page");

/** Keys that a control needs itself while it has the focus. */
function isOwn(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("button, a, summary, [role=tab]") && (key === "enter" || key === "space")) return true;
  if (target.closest("[role=tab], [role=radio], input[type=radio]") && key.startsWith("arrow")) return true;
  if (key.startsWith("page")) return target instanceof HTMLInputElement && target.type === "range";
  if (!(target instanceof HTMLInputElement)) return false;
  const isChosen = target.type === "radio" && target.checked; // Space does nothing more to it
  return key.startsWith("arrow") || (key === "space" && !isChosen);
}

export function onKeyDown(event: KeyboardEvent): void {
  const key = keyOf(event);
  if (event.defaultPrevented || event.isComposing || (isTyping(event.target) && !isForTheList(event.target, key))) return;
  if (document.querySelector("dialog[open]")) return; // it closes by itself at Escape; `dialog` hears of it a frame later
  if (key === "space" && notAnswering() && !isOwn(event.target, key)) {
    panning.value = true;
    event.preventDefault();
    return;
  }
  if (isOwn(event.target, key)) return;
  if (/^[1-9]$/.test(key)) {
    const kind = classes.value[Number(key) - 1];
    if (kind) chooseClass(kind.id);
    return;
  }
  const command = all.find(({ keys, when }) => keys.includes(key) && (!when || when()));
  if (!command) return;
  event.preventDefault();
  command.run();
}

export function onKeyUp(event: KeyboardEvent): void {
  if (event.key === " ") panning.value = false;
}
