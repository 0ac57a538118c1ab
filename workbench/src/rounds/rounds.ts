// The rounds of a project: which there are, and the one that runs. A round makes its dataset, trains, searches all images, asks. It can
// be paused at any step and go on, also after the server has ended, however it ended.

import { appendFileSync, mkdirSync } from "node:fs";
import type { Id, Round, TrainRequest } from "../api.ts";
import type { OpenProject } from "../project/open-project.ts";
import { lockWhenFree, reason, UserError } from "../sparsecell.ts";
import { Command, type Ended, lastLine } from "./command.ts";
import { writeRoundDataset } from "./dataset.ts";
import { isSearched } from "./detections.ts";
import { modelFacts } from "./model-facts.ts";
import { Questions, readQueue, writeQueue } from "./questions.ts";
import type { Queued } from "./queue.ts";
import { RoundFolder, type RoundRecord, roundsIn } from "./round-folder.ts";
import { searchAll } from "./search.ts";
import { cellsCounted, methodTold, together } from "./told.ts";
import { TrainingProgress } from "./training-progress.ts";

/** What is running, and what somebody wants of it. */
interface Active {
  readonly number: number;
  command: Command | null;
  wanted: "pause" | "stop" | null;
  done: Promise<void>;
}

const LOOK = 500; // ms
const SAVING = 60; // s
const PICTURES = ["--pictures", "2"];

export class ProjectRounds {
  readonly #project: OpenProject;
  readonly #options: readonly string[];
  readonly #rounds: Map<number, RoundRecord>;
  readonly #queues = new Map<number, readonly Queued[]>();
  #active: Active | null = null;

  /** `options`: of every training, besides those of its request. */
  constructor(project: OpenProject, options: readonly string[] = []) {
    this.#project = project;
    this.#options = options;
    this.#rounds = new Map(roundsIn(project.folder).map((record) => [record.number, record]));
  }

  get all(): readonly RoundRecord[] {
    return [...this.#rounds.values()];
  }
  get(number: number): RoundRecord | undefined {
    return this.#rounds.get(number);
  }
  folder(number: number): RoundFolder {
    return new RoundFolder(this.#project.folder, number);
  }
  /** The images that a round has searched so far. */
  searched(number: number): Id[] {
    const { detections } = this.folder(number);
    return this.#project.images.flatMap(({ id }) => (isSearched(detections, id) ? [id] : []));
  }
  questions(record: RoundRecord): Questions {
    const { number } = record;
    const folder = this.folder(number);
    const queue = this.#queues.get(number) ?? readQueue(folder);
    if (queue) this.#queues.set(number, queue); // it is written once
    return new Questions(this.#project, folder, record, queue);
  }
  /** The last one with a model. */
  get last(): RoundRecord | undefined {
    return this.all.findLast(({ number }) => this.folder(number).run.isFinished);
  }

  /** Begins a round. Throws a UserError when one is running, and when nothing is marked or the round to start from has no model. */
  start(request: TrainRequest): RoundRecord {
    this.#requireIdle();
    const { from } = request;
    if (typeof from === "number" && !this.folder(from).run.isFinished)
      throw new UserError(`round ${from} has no model to start from; choose another`);
    const number = Math.max(0, ...this.#rounds.keys()) + 1;
    const { state } = this.#project;
    this.#save({
      number,
      phase: "preparing",
      request: { ...request, from: from === undefined ? (this.last?.number ?? null) : from },
      started: new Date().toISOString(),
      finished: null,
      action: state.lastAction,
      learned: { images: 0, cells: 0, negatives: 0, regions: 0 },
      plan: [],
      step: 0,
      steps: null,
      secondsLeft: null,
      searched: 0,
      error: null,
      heldOut: null,
      completeness: null,
      images: [],
      method: null,
      cells: null,
      classes: state.classes.map(({ id, name }) => ({ id, name })),
    });
    return this.#run(number);
  }

  resume(number: number): RoundRecord {
    const { phase } = this.#required(number);
    if (phase !== "paused") throw new UserError(`round ${number} is ${phase}, not paused`);
    this.#requireIdle();
    return this.#run(number);
  }

  pause(number: number): RoundRecord {
    return this.#interrupt(number, "pause");
  }

  /** It does not go on: marks and everything that was found stay. */
  stop(number: number): RoundRecord {
    const record = this.#required(number);
    if (record.phase === "paused") return this.#save({ ...record, phase: "stopped", finished: new Date().toISOString() });
    return this.#interrupt(number, "stop");
  }

  /** Ends what is running; it is paused. */
  async close(): Promise<void> {
    const active = this.#active;
    if (active === null) return;
    active.wanted ??= "pause";
    active.command?.interrupt();
    await active.done;
  }

  #requireIdle(): void {
    if (this.#active === null) return;
    const { number, phase } = this.#required(this.#active.number);
    throw new UserError(`round ${number} is ${phase}; wait for it, or pause it first`);
  }

  #required(number: number): RoundRecord {
    const record = this.#rounds.get(number);
    if (record === undefined) throw new UserError(`there is no round ${number}`);
    return record;
  }

  #interrupt(number: number, wanted: "pause" | "stop"): RoundRecord {
    const record = this.#required(number);
    if (this.#active?.number !== number) throw new UserError(`round ${number} is ${record.phase}, not running`);
    this.#active.wanted = wanted;
    this.#active.command?.interrupt();
    return record;
  }

  #save(record: RoundRecord): RoundRecord {
    this.#rounds.set(record.number, record);
    this.folder(record.number).write(record);
    this.#project.events.send("round", publicRound(record));
    return record;
  }

  #change(number: number, changes: Partial<RoundRecord>): RoundRecord {
    return this.#save({ ...this.#required(number), ...changes });
  }

  #run(number: number): RoundRecord {
    const active: Active = { number, command: null, wanted: null, done: Promise.resolve() };
    this.#active = active;
    const record = this.#change(number, { phase: this.folder(number).run.exists ? "training" : "preparing", error: null });
    active.done = this.#allOf(active)
      .catch((error) => this.#end(active, "failed", reason(error)))
      .catch((error) => this.#project.events.send("problem", { message: `round ${number}: ${reason(error)}` })) // a full disk
      .finally(() => {
        if (this.#active === active) this.#active = null;
      });
    return record;
  }

  async #allOf(active: Active): Promise<void> {
    const { number } = active;
    const folder = this.folder(number);
    if (!folder.run.isFinished) {
      if (!folder.run.exists) await this.#prepare(number, folder);
      const ended = await this.#train(active, folder);
      if (ended !== "done") return this.#end(active, ended, lastLine(folder.log));
    }
    this.#change(number, { phase: "searching", secondsLeft: null, ...modelFacts(folder.run.modelFile) });
    const ended = active.wanted ? "interrupted" : await this.#search(active, folder);
    if (ended !== "done") return this.#end(active, ended, lastLine(folder.log));
    writeQueue(this.#project, folder, this.#required(number));
    this.#active = null; // whoever hears of it may begin the next
    this.#change(number, { phase: "done", finished: new Date().toISOString() });
    this.#project.events.send("queue", { round: number });
  }

  async #prepare(number: number, folder: RoundFolder): Promise<void> {
    mkdirSync(folder.dir, { recursive: true });
    const { lastAction: action } = this.#project.state;
    const { learned, images } = await writeRoundDataset(this.#project, folder.dataset);
    const told = this.#told(images);
    const { state } = this.#project;
    this.#change(number, {
      learned,
      images,
      action,
      classes: state.classes.map(({ id, name }) => ({ id, name })),
      method: this.#required(number).request.method ?? told,
    });
  }

  /** What the answers so far say of these images, as --method; null: nothing. */
  #told(images: readonly Id[]): string | null {
    const last = this.last;
    if (last === undefined) return null;
    const questions = this.questions(last);
    const cells = questions.cellsOn(images);
    if (cells) this.#change(last.number, { cells: { ...cells, images } });
    const said = this.all.flatMap(({ cells }) => (cells && isSame(cells.images, images) ? [cells] : []));
    if (said.length === 0) return null; // a training's count alone is for the training to make
    const first = this.all.find(({ method, completeness }) => method === null && completeness);
    const counted =
      first?.completeness && first.learned.regions === 0 && isSame(first.images, images)
        ? cellsCounted(first.learned.cells, first.completeness)
        : null;
    return methodTold(questions.marksOn(images), together(counted ? [counted, ...said] : said));
  }

  async #train(active: Active, folder: RoundFolder): Promise<Ended> {
    const { run } = folder;
    if (run.exists) (await lockWhenFree(run.dir, SAVING))(); // of a server that was killed the training may still be saving
    if (active.wanted) return "interrupted";
    const { request, method } = this.#required(active.number);
    const weights = typeof request.from === "number" ? this.folder(request.from).run.dir : (request.weights ?? "auto");
    const args = run.exists
      ? ["--resume", run.dir, ...PICTURES]
      : [
          ...[folder.dataset, "--budget", request.budget, "--weights", weights, "--out", run.dir],
          ...(method === null ? [] : ["--method", method]),
          ...PICTURES,
          ...this.#options,
        ];
    appendFileSync(folder.log, `$ sparsecell train ${args.join(" ")}\n`);
    active.command = new Command(["train", ...args], folder.log);
    const progress = new TrainingProgress(run);
    const look = (): void => {
      const changes = progress.changes();
      if (changes) this.#change(active.number, { phase: "training", ...changes });
    };
    const looking = setInterval(() => {
      try {
        look();
      } catch {} // half a file; it is read again
    }, LOOK);
    try {
      return await active.command.ended;
    } finally {
      clearInterval(looking);
      active.command = null;
      look();
    }
  }

  #search(active: Active, folder: RoundFolder): Promise<Ended> {
    const { number } = active;
    const { classes } = this.#required(number);
    this.#change(number, { searched: this.searched(number).length });
    return searchAll({
      project: this.#project,
      folder,
      classes,
      onStart: (command) => {
        active.command = command;
        if (active.wanted) command.interrupt();
      },
      onSearched: (image) => {
        this.#project.events.send("searched", { round: number, image });
        this.#change(number, { searched: this.#required(number).searched + 1 });
      },
    });
  }

  /** Of a round that is not done. */
  #end({ number, wanted }: Active, ended: Ended, why: string): void {
    const phase = wanted === "stop" ? "stopped" : wanted === "pause" || ended === "interrupted" ? "paused" : "failed";
    this.#active = null;
    const over = phase === "paused" ? {} : { finished: new Date().toISOString() };
    this.#change(number, { phase, secondsLeft: null, error: phase === "failed" ? why : null, ...over });
  }
}

const isSame = (a: readonly Id[], b: readonly Id[]): boolean => a.length === b.length && a.every((id) => b.includes(id));

/** What pages are told. */
export function publicRound({ images: _, method: __, classes: ___, cells: ____, ...round }: RoundRecord): Round {
  return round;
}
