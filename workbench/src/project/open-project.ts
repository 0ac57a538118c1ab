// A project that is open: its folder is locked, its images are known, its actions are folded into what is marked now.

import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Action, ActionRecord, Id, ImageFacts, Project } from "../api.ts";
import { type Marks, marksOf, noMarks } from "../images/dataset-marks.ts";
import { imagesAt, type StoredImage } from "../images/found.ts";
import { type Picture, Pictures } from "../images/pictures.ts";
import { type Dataset, lockFolder, reason, UserError, unwritable } from "../sparsecell.ts";
import { ActionLog } from "./action-log.ts";
import { Announcer } from "./announcer.ts";
import { type ProjectFile, projectFolderOf, type Reconciled, readProject, reconcile, writeProject } from "./project-file.ts";
import { ProjectState } from "./state.ts";
import { problemOf } from "./validate.ts";

export interface OpenOptions {
  /** A dataset, a folder of images or slides, an image or a slide. */
  readonly path: string;
  /** Default: `sparsecell` in the folder, or `SLIDE.sparsecell` beside the file. */
  readonly folder?: string;
}

/** An action that may not be the next one; its message is one line. */
export class RefusedAction extends Error {}

export class OpenProject {
  readonly path: string;
  readonly folder: string;
  readonly file: ProjectFile;
  /** What has changed since the last opening. */
  readonly changes: readonly string[];
  readonly events = new Announcer();
  readonly pictures: Pictures;
  /** The dataset that was opened; null for a folder, a slide or an image. */
  readonly dataset: Dataset | null;
  readonly #images: ReadonlyMap<Id, StoredImage>;
  readonly #problems: Reconciled["problems"];
  /** Images without a picture, by id, and why. */
  readonly #broken = new Map<Id, string>();
  #checking: Promise<void> | null = null;
  #closed = false;
  readonly #files: Reconciled["files"];
  readonly #marks: ReadonlyMap<Id, Marks>;
  readonly #log: ActionLog;
  readonly #records: ActionRecord[];
  readonly #release: () => void;
  #state: ProjectState;

  constructor(folder: string, path: string, release: () => void, dataset: Dataset | null, found: Reconciled) {
    this.folder = folder;
    this.path = path;
    this.file = found.project;
    this.changes = found.changes;
    this.dataset = dataset;
    this.#release = release;
    this.#problems = found.problems;
    this.#files = found.files;
    this.#marks = dataset ? marksOf(dataset) : new Map();
    const marked = new Set([...this.#marks].filter(([, { cells }]) => cells.length > 0).map(([id]) => id));
    const images = found.project.images.map((image) =>
      image.state === "untouched" && marked.has(image.id) ? { ...image, state: "marking" as const } : image,
    );
    this.#images = new Map(images.map((image) => [image.id, image]));
    this.pictures = new Pictures(join(folder, "thumbnails"), (image) => this.fileOf(image.id));
    this.#log = new ActionLog(join(folder, "actions.jsonl"));
    this.#records = [...this.#log.records];
    this.#state = this.#folded();
  }

  /** What is marked now. After a refused batch it is another object, so do not keep it. */
  get state(): ProjectState {
    return this.#state;
  }

  image(id: Id): StoredImage | undefined {
    return this.#images.get(id);
  }
  get images(): readonly StoredImage[] {
    return [...this.#images.values()];
  }
  /** Throws a UserError when it is missing. */
  fileOf(id: Id): string {
    const file = this.#files.get(id);
    if (file === undefined || !existsSync(file)) throw new UserError(`${this.image(id)?.name ?? id}: its file is missing`);
    return file;
  }
  /** Why the image cannot be used, as far as is known; undefined: it can. */
  problem(id: Id): string | undefined {
    return this.#problems.get(id) ?? this.#broken.get(id);
  }
  /** Its picture in the list. That there is none is told to the pages, because nothing else of the image shows it. */
  async thumbnail(image: StoredImage): Promise<Picture> {
    return this.#noted(image, await this.pictures.thumbnail(image));
  }
  /** Looks once whether each image can be decoded, one after another. Slides are too large, and one bad tile is not a bad slide. */
  checkImages(): Promise<void> {
    this.#checking ??= this.#checkAll();
    return this.#checking;
  }
  /** Of the dataset, before any action. */
  marksOf(id: Id): Marks {
    return this.#marks.get(id) ?? noMarks;
  }
  actionsAfter(number: number): readonly ActionRecord[] {
    return this.#records.slice(number);
  }

  /** What GET /api/v1/project says, without the rounds. */
  facts(): Omit<Project, "rounds" | "suggested"> {
    const images = this.images.map(({ bytes: _, mtimeMs: __, pixels: ___, ...facts }): ImageFacts => {
      const problem = this.problem(facts.id);
      return { ...facts, ...(problem !== undefined && { problem }) };
    });
    return {
      version: 1,
      path: this.path,
      folder: this.folder,
      images,
      classes: this.file.classes,
      lastAction: this.#state.lastAction,
      changes: this.changes,
    };
  }

  /**
   * Appends actions, all or none, and tells the pages. They are on the disk when it returns. Throws a RefusedAction that says what
   * is wrong with the first that may not be, and a UserError when the disk does not take them.
   */
  act(client: string, actions: readonly unknown[]): ActionRecord[] {
    const records: ActionRecord[] = [];
    try {
      for (const [i, action] of actions.entries()) {
        const problem = problemOf(action, this.#state, (id) => this.#images.get(id));
        if (problem !== null) throw new RefusedAction(actions.length === 1 ? problem : `actions[${i}]: ${problem}`);
        const number = this.#state.lastAction + 1;
        const record: ActionRecord = { number, at: new Date().toISOString(), client, action: action as Action };
        this.#state.apply(record);
        records.push(record);
      }
      if (records.length > 0) this.#log.append(records);
    } catch (error) {
      if (records.length > 0) this.#state = this.#folded();
      throw error;
    }
    this.#records.push(...records);
    for (const record of records) this.events.send("action", record);
    return records;
  }

  close(): void {
    this.#closed = true;
    this.pictures.close();
    this.#log.close();
    this.#release();
  }

  async #checkAll(): Promise<void> {
    for (const image of this.images) {
      if (this.#closed) return;
      if (image.slide || this.#problems.has(image.id)) continue;
      try {
        this.#noted(image, await this.pictures.check(image));
      } catch {} // whoever asks for the picture hears of it
    }
  }

  #noted({ id }: StoredImage, picture: Picture): Picture {
    const { problem } = picture;
    if (problem === this.#broken.get(id) || this.#problems.has(id)) return picture;
    if (problem === undefined) this.#broken.delete(id);
    else this.#broken.set(id, problem);
    this.events.send("image", { id, problem: problem ?? null });
    return picture;
  }

  #folded(): ProjectState {
    const state = new ProjectState({ images: this.images, classes: this.file.classes });
    for (const marks of this.#marks.values()) state.addMarks(marks);
    for (const record of this.#records) state.apply(record);
    return state;
  }
}

/** Opens or makes the project of a path. Throws a UserError when there is nothing to open, and while another process has it open. */
export async function openProject({ path, folder = projectFolderOf(path) }: OpenOptions): Promise<OpenProject> {
  const { kind, images, dataset } = imagesAt(path);
  const release = lockedFolder(folder);
  try {
    const before = readProject(folder, path);
    const found = await reconcile(path, { kind, images, dataset }, before);
    if (JSON.stringify(found.project) !== JSON.stringify(before)) writeProject(folder, found.project);
    return new OpenProject(resolve(folder), resolve(path), release, dataset, found);
  } catch (error) {
    release();
    throw error;
  }
}

function lockedFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true });
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof UserError && !/cannot be written/.test(error.message)) throw error;
    throw error instanceof UserError
      ? new UserError(`${folder}: cannot be written; choose another folder with --project`)
      : unwritable(folder, reason(error));
  }
}
