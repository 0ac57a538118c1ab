// The queue of a round: made once, when all images are searched, and kept in queue.json, because what is drawn from it must not depend
// on the answers. What has become of each suspect by now is read from the marks, so that a cell that was marked by hand counts, too.

import { existsSync } from "node:fs";
import type { Cell, Id, Interval, Queue, Sheet } from "../api.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ProjectState } from "../project/state.ts";
import { centre, readJsonFile, regionAt, writeFileAtomic } from "../sparsecell.ts";
import { detectionsOn } from "./detections.ts";
import { type Answers, estimateOf, type Outcome } from "./estimate.ts";
import { asRings, markedCells } from "./marked.ts";
import { largestSide, Places } from "./places.ts";
import { type Queued, queueOf } from "./queue.ts";
import type { RoundFolder, RoundRecord } from "./round-folder.ts";
import { cellsBySheets, sheetOf } from "./sheet.ts";
import { suspectsOn } from "./suspects.ts";

/** What a person calls a detection where the training recommends no score: the method's scores are chances. */
export const USUAL_SCORE = 0.5;
export const scoreOf = ({ heldOut }: Pick<RoundRecord, "heldOut">): number => heldOut?.score ?? USUAL_SCORE;

/** More are not kept: of a slide with a million detections those of the best scores, from which on the estimate then holds. */
const MOST_SUSPECTS = 20_000;

export function writeQueue(project: OpenProject, folder: RoundFolder, record: RoundRecord): void {
  const { state } = project;
  const score = scoreOf(record);
  const classes = record.classes.map(({ id }) => id);
  const kept = new Set([...state.answers.values()].flatMap(({ effect }) => ("keep" in effect ? [effect.keep] : [])));
  const suspects = project.images.flatMap(({ id }) =>
    suspectsOn(
      {
        image: id,
        state: state.stateOf(id),
        cells: markedCells(state, id),
        regions: [...state.regionsOf(id)],
        detections: detectionsOn(folder.detections, id, classes),
      },
      { round: record.number, score, kept },
    ),
  );
  if (suspects.length > MOST_SUSPECTS) {
    suspects.sort((a, b) => b.score - a.score);
    suspects.length = MOST_SUSPECTS;
  }
  const queue = queueOf(suspects, { score, seed: record.number });
  writeFileAtomic(folder.queue, `[${queue.map((queued) => JSON.stringify(queued)).join(",\n")}]\n`);
}

/** Null: there is none yet. */
export const readQueue = (folder: RoundFolder): readonly Queued[] | null =>
  existsSync(folder.queue) ? (readJsonFile(folder.queue).value as Queued[]) : null;

export class Questions {
  readonly #project: OpenProject;
  readonly #folder: RoundFolder;
  readonly #record: RoundRecord;
  readonly queue: readonly Queued[];
  readonly #isThere: boolean;

  /** `queue`: null, as long as the images are not all searched. */
  constructor(project: OpenProject, folder: RoundFolder, record: RoundRecord, queue: readonly Queued[] | null) {
    this.#project = project;
    this.#folder = folder;
    this.#record = record;
    this.queue = queue ?? [];
    this.#isThere = queue !== null;
  }

  /** What GET /api/v1/queue says. */
  asked(count: number): Queue {
    const answers = this.#answers();
    const { precision, completeness, advice } = estimateOf(answers);
    const waiting = this.queue.filter((queued) => answers.outcomeOf(queued) === null);
    return {
      round: this.#record.number,
      next: waiting.slice(0, count).map(({ suspect }) => suspect),
      left: waiting.length,
      answered: this.queue.length - waiting.length,
      estimate: this.#isThere ? { precision, completeness, advice } : { ...nothingSaid, advice: this.#whyNone() },
    };
  }

  /** What GET /api/v1/sheet says: so many of the suspects that nobody has answered; the same as long as no answer comes. */
  sheet(count: number): Sheet {
    const { number } = this.#record;
    const { outcomeOf } = this.#answers();
    const waiting = this.queue.filter((queued) => outcomeOf(queued) === null).map(({ suspect }) => suspect);
    return { round: number, suspects: sheetOf(waiting, { count, seed: number }) };
  }

  /** How many there are on the images that a training learns from, where it is not known that all are marked. */
  cellsOn(images: readonly Id[]): Interval | null {
    const learned = new Set(images);
    const { state } = this.#project;
    const isOpen = ({ image, box }: Cell): boolean => regionAt(asRings(state.regionsOf(image)), ...centre(box)) === null;
    const answers = this.#answers((image) => learned.has(image) && state.stateOf(image) !== "complete", isOpen);
    return estimateOf(answers).cells ?? cellsOfSheets(answers);
  }

  /** Of the same, how many are marked. */
  marksOn(images: readonly Id[]): number {
    const { state } = this.#project;
    const isOpen = ({ classId, image, box }: Cell): boolean =>
      classId !== null && regionAt(asRings(state.regionsOf(image)), ...centre(box)) === null;
    const open = images.filter((image) => state.stateOf(image) !== "complete");
    return open.reduce((sum, image) => sum + markedCells(state, image).filter(isOpen).length, 0);
  }

  #whyNone(): string {
    const { phase, searched } = this.#record;
    if (phase === "searching") return `The images are being searched: ${searched} of ${this.#project.images.length}.`;
    return phase === "done" ? "The queue is missing; train again." : "The queue comes when the images are searched.";
  }

  #answers(
    inside: (image: Id) => boolean = (image) => this.#project.state.stateOf(image) !== "test",
    counts: (cell: Cell) => boolean = () => true,
  ): Answers {
    const { state } = this.#project;
    const queue = this.queue.filter(({ suspect }) => inside(suspect.image));
    const outcomes = outcomesOf(queue, state);
    const cells = this.#project.images
      .filter(({ id }) => inside(id))
      .reduce((sum, { id }) => sum + markedCells(state, id).filter((cell) => cell.classId !== null && counts(cell)).length, 0);
    const added = queue.filter((queued) => queued.stratum !== null && outcomes.get(queued) === "cell").length;
    const found = this.#folder.run.validation.lines().at(-1)?.recall["0.05"];
    return {
      queue,
      outcomeOf: (queued) => outcomes.get(queued) ?? null,
      isOnSheet: ({ suspect }) => state.answers.get(suspect.id)?.isOnSheet === true,
      marked: Math.max(0, cells - added),
      added: Math.min(added, cells),
      ...(found !== undefined && found > 0 && { found }),
    };
  }
}

/** Where too few were answered one by one. */
function cellsOfSheets({ queue, outcomeOf, isOnSheet, marked }: Answers): Interval | null {
  const on = queue.filter((queued) => isOnSheet?.(queued));
  return cellsBySheets(
    queue.map(({ suspect }) => suspect),
    {
      on: on.map(({ suspect }) => suspect),
      cells: on.filter((queued) => outcomeOf(queued) === "cell").length,
      marks: marked,
    },
  );
}

const nothingSaid = { precision: null, completeness: null };

/** Marks overlap a suspect by so much where they are on it. */
const ON_IT = 0.3;

function outcomesOf(queue: readonly Queued[], state: ProjectState): Map<Queued, Outcome> {
  const outcomes = new Map<Queued, Outcome>();
  const byImage = new Map<Id, Queued[]>();
  for (const queued of queue) {
    const here = byImage.get(queued.suspect.image);
    if (here === undefined) byImage.set(queued.suspect.image, [queued]);
    else here.push(queued);
  }
  const said = { accept: "cell", refuse: "not", unsure: "unsure" } as const;
  for (const [image, here] of byImage) {
    const cells = markedCells(state, image);
    const places = new Places(cells, Math.max(largestSide(cells), largestSide(here.map(({ suspect }) => suspect))));
    const rings = asRings(state.regionsOf(image));
    for (const queued of here) {
      const { id, kind, box, cell } = queued.suspect;
      const given = state.answers.get(id);
      const outcome = given
        ? said[given.answer]
        : kind === "denied"
          ? state.cells.get(cell as Id)?.classId
            ? null
            : "not"
          : missingBecame(places, rings, box, state.stateOf(image));
      if (outcome !== null) outcomes.set(queued, outcome);
    }
  }
  return outcomes;
}

function missingBecame(
  places: Places<Cell>,
  rings: Parameters<typeof regionAt>[0],
  box: Cell["box"],
  imageState: ReturnType<ProjectState["stateOf"]>,
): Outcome | null {
  const on = [...places.overlapping(box)].filter(([, iou]) => iou >= ON_IT).sort(([, a], [, b]) => b - a);
  if (on.length > 0) return on[0][0].classId === null ? "not" : "cell";
  const region = regionAt(rings, ...centre(box));
  if (region === "ignore" || imageState === "test") return "unsure";
  return region === "complete" || imageState === "complete" ? "not" : null;
}
