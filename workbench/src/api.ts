// What the server and the page tell each other: the JSON of the HTTP interface, version 1 (workbench/README.md lists the addresses).
// Places are in pixels of the image at its full size, from its top left corner.

/** [left, top, right, bottom]. */
export type Box = readonly [number, number, number, number];

/** Made by whoever makes the thing: letters and digits, 8 to 40 of them. */
export type Id = string;

// ---- what is marked -------------------------------------------------------------------------------------------------------------

/** A kind of cell. */
export interface CellClass {
  readonly id: Id;
  readonly name: string;
  /** "#rrggbb". */
  readonly colour: string;
  /** Side of the box that a click makes: microns where the image knows them, else pixels. */
  readonly size: number;
}

/** A cell that somebody marked, or a place that is not one. */
export interface Cell {
  readonly id: Id;
  readonly image: Id;
  readonly box: Box;
  /** Marked by a click, so that the box has the class's size. */
  readonly point?: true;
  /** null: not a cell, a hard negative. */
  readonly classId: Id | null;
  /** Where it came from: the dataset that was opened, a mark, an answer in the queue. */
  readonly from: "dataset" | "mark" | "answer";
  /** In a dataset that was thinned: a true cell that no training sees. */
  readonly hidden?: true;
}

/** Where every cell is marked, or where nothing counts. */
export interface Region {
  readonly id: Id;
  readonly image: Id;
  readonly kind: "complete" | "ignore";
  /** One ring [x0, y0, x1, y1, …] of at least 3 points. */
  readonly ring: readonly number[];
  /** Rings in it that are not part of it; only a dataset's regions have them. */
  readonly holes?: readonly (readonly number[])[];
}

/** untouched: nobody has worked on it; marking: some of its cells are marked; complete: all of them; test: complete and never trained on. */
export type ImageState = "untouched" | "marking" | "complete" | "test";

export interface ImageFacts {
  readonly id: Id;
  /** As people know it: the path below the folder that was opened. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Microns per pixel, as the file or the dataset says; null if unknown. Actions change it. */
  readonly mpp: number | null;
  readonly slide: boolean;
  /** The slide or patient. */
  readonly group: string;
  /** As it was when the project was made; actions change it. */
  readonly state: ImageState;
  /**
   * Why it cannot be used: its file is gone or cannot be decoded, or it has another size than when the project was made, so that its
   * marks are in the wrong place.
   */
  readonly problem?: string;
  /** Side of a tile, and how often the image is halved: level 0 is the smallest picture, `levels - 1` the full size. */
  readonly tileSize: number;
  readonly levels: number;
}

// ---- actions: every change, appended to actions.jsonl ---------------------------------------------------------------------------

export type Answer = "accept" | "refuse" | "unsure";

export type Action =
  | { readonly do: "add-cell"; readonly cell: Cell }
  | { readonly do: "change-cell"; readonly id: Id; readonly to: { readonly box?: Box; readonly classId?: Id | null } }
  | { readonly do: "delete-cell"; readonly id: Id }
  | { readonly do: "add-region"; readonly region: Region }
  | {
      readonly do: "change-region";
      readonly id: Id;
      readonly to: { readonly ring?: readonly number[]; readonly kind?: Region["kind"] };
    }
  | { readonly do: "delete-region"; readonly id: Id }
  | { readonly do: "set-state"; readonly image: Id; readonly state: ImageState }
  /** null: unknown. */
  | { readonly do: "set-mpp"; readonly image: Id; readonly mpp: number | null }
  | { readonly do: "add-class"; readonly class: CellClass }
  | { readonly do: "change-class"; readonly id: Id; readonly to: Partial<Omit<CellClass, "id">> }
  /** An answer in the queue, with what it does to the marks: a cell, a hard negative, a region to ignore, a cell that goes. */
  | {
      readonly do: "answer";
      readonly round: number;
      readonly suspect: Id;
      readonly answer: Answer;
      readonly effect: AnswerEffect;
      /** It was given on a sheet, which chose the suspect by chance among the surest ones. */
      readonly sheet?: boolean;
    }
  /** Takes back, or does again, the action with this number. */
  | { readonly do: "undo"; readonly action: number }
  | { readonly do: "redo"; readonly action: number };

export type AnswerEffect = { readonly add: Cell } | { readonly ignore: Region } | { readonly delete: Id } | { readonly keep: Id };

/** A line of actions.jsonl. Numbers count from 1 without a gap. */
export interface ActionRecord {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  /** Which page or script: chosen by it. Undo takes back its own last action. */
  readonly client: string;
  readonly action: Action;
}

// ---- rounds: train, look, answer ------------------------------------------------------------------------------------------------

export interface TrainRequest {
  /** "60s", "15m", "2h". */
  readonly budget: string;
  /** As --method; by the plan if it is absent. */
  readonly method?: string;
  /** The round whose model it starts from; null: from first weights. By default the last one that finished. */
  readonly from?: number | null;
  /** As --weights, for a round that starts from none. */
  readonly weights?: string;
}

export type RoundPhase = "preparing" | "training" | "paused" | "searching" | "done" | "stopped" | "failed";

export interface Round {
  /** From 1. */
  readonly number: number;
  readonly phase: RoundPhase;
  readonly request: TrainRequest;
  readonly started: string;
  readonly finished: string | null;
  /** The last action that it learned from. */
  readonly action: number;
  /** What it learned from. */
  readonly learned: { readonly images: number; readonly cells: number; readonly negatives: number; readonly regions: number };
  /** What was chosen, and why: the plan of `train`. */
  readonly plan: readonly { readonly what: string; readonly chosen: string; readonly reason: string }[];
  readonly step: number;
  readonly steps: number | null;
  readonly secondsLeft: number | null;
  /** Images searched so far. */
  readonly searched: number;
  /** One line for people when it failed. */
  readonly error: string | null;
  /** Of the marks that were held out: how many the model finds at `score`, its recommended one. */
  readonly heldOut: { readonly marks: number; readonly found: number; readonly score: number } | null;
  /** How many of the cells are marked, as the method counted; null where it does not. */
  readonly completeness: { readonly part: number; readonly low: number; readonly high: number } | null;
}

/** Points of the curves of a round, a run or a unit of a grid. */
export interface Curve {
  readonly step: number;
  readonly loss: number;
}
export interface HeldOutPoint {
  readonly step: number;
  readonly recall: number;
  readonly measure: number;
}

/** A cell that the model found. */
export interface Detection {
  readonly box: Box;
  readonly score: number;
  readonly classId: Id;
}

/** missing: found, not marked; denied: marked, not found. */
export interface Suspect {
  readonly id: Id;
  readonly round: number;
  readonly kind: "missing" | "denied";
  readonly image: Id;
  readonly box: Box;
  readonly score: number;
  readonly classId: Id;
  /** The marked cell that the model denies. */
  readonly cell?: Id;
  /** One line for people: why it is asked. */
  readonly reason: string;
}

export interface Queue {
  readonly round: number;
  /** The next ones, in the order in which an answer teaches most. */
  readonly next: readonly Suspect[];
  readonly left: number;
  readonly answered: number;
  readonly estimate: Estimate;
}

/** Suspects that are answered together: what is no cell is named, and all the others are marked. */
export interface Sheet {
  readonly round: number;
  readonly suspects: readonly Suspect[];
}

/** What the answers say. Parts are from 0 to 1, with their 95 % intervals; null while nothing can be said. */
export interface Estimate {
  /** Of the detections of the recommended score or more that are not marked: how many are cells. */
  readonly precision: Interval | null;
  /** Of all cells: how many are marked by now. */
  readonly completeness: Interval | null;
  /** For people: whether more answers are worth it. */
  readonly advice: string;
}
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

// ---- the project ----------------------------------------------------------------------------------------------------------------

/** GET /api/v1/project */
export interface Project {
  readonly version: 1;
  /** What `open` was given, and where the project's folder is. */
  readonly path: string;
  readonly folder: string;
  readonly images: readonly ImageFacts[];
  /** Cells and regions of the dataset that was opened, and its classes: what actions start from. */
  readonly classes: readonly CellClass[];
  /** All actions so far; the page folds them over the marks of the dataset (GET …/images/ID/marks). */
  readonly lastAction: number;
  readonly rounds: readonly Round[];
  readonly suggested: { readonly budget: string; readonly weights: string };
  /** What has changed since the project was opened last: images that are new, missing or different; a line each. */
  readonly changes: readonly string[];
}

// ---- a run or a grid that is watched: `open RUN|GRID` -----------------------------------------------------------------------------

/** GET /api/v1/watch */
export interface Watch {
  readonly version: 1;
  readonly kind: "run" | "grid";
  readonly path: string;
  readonly title: string;
  /** How it is trained: label and value. */
  readonly settings: readonly { readonly label: string; readonly value: string }[];
  /** What a plan chose, and why. */
  readonly plan: Round["plan"];
  /** A run is one training. */
  readonly trainings: readonly WatchedTraining[];
  readonly tables: readonly {
    readonly title: string;
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  /** When the report of what is finished was made; null while there is none. GET /api/v1/watch/report */
  readonly report: { readonly made: string } | null;
}

export interface WatchedTraining {
  /** The name of its folder. */
  readonly id: string;
  readonly name: string;
  readonly phase: "waiting" | "training" | "stopped" | "finished" | "failed";
  readonly step: number;
  readonly steps: number;
  readonly secondsLeft: number | null;
  readonly error: string | null;
}

/** GET /api/v1/watch/trainings/ID/pictures, and of a round: the same windows after each measurement. */
export interface WindowPicture {
  readonly step: number;
  /** The name of the image. */
  readonly image: string;
  /** GET …/pictures/FILE */
  readonly file: string;
}

/** GET /api/v1/watch/trainings/ID/curves, and of a round. */
export interface Curves {
  readonly loss: readonly Curve[];
  readonly heldOut: readonly HeldOutPoint[];
}

/** GET /api/v1/events: server-sent events, `event:` as here, `data:` JSON. */
export interface Events {
  readonly action: ActionRecord;
  readonly round: Round;
  /** The queue of a round has changed: read it again. */
  readonly queue: { readonly round: number };
  /** An image turned out to be unusable, and why; null: it can be used again. */
  readonly image: { readonly id: Id; readonly problem: string | null };
  /** An image was searched: its detections can be read. */
  readonly searched: { readonly round: number; readonly image: Id };
  /** Of a run or grid that is watched: these trainings, or the report, have changed. */
  readonly watch: { readonly trainings: readonly string[]; readonly report: boolean };
  /** Something went wrong outside of a request: one line for people. */
  readonly problem: { readonly message: string };
}

/** Every answer with a status of 400 or more. */
export interface Problem {
  readonly error: string;
}
