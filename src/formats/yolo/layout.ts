// Which files of a folder are labels, which images they belong to, and what names and splits the files around them give: data.yaml
// (Ultralytics, Roboflow), or classes.txt, obj.names and lists of images (LabelImg, Darknet, CVAT).

import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { FileNameIndex, normalPath, withoutExtension } from "../../files/file-name-index.ts";
import { filesBelow } from "../../files/files-below.ts";
import { TEXT_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";
import type { YoloClasses } from "./labels.ts";
import { readYaml, type YamlEntry, type YamlValue } from "./yaml.ts";

export interface LabelFile {
  readonly file: string;
  /** The path that its image should have, without extension: "images/train/a" for "labels/train/a.txt". */
  readonly image: string;
}

export interface YoloLayout extends YoloClasses {
  readonly labels: readonly LabelFile[];
  readonly splitOf: ReadonlyMap<LabelFile, "train" | "test">;
  readonly notes: readonly string[];
}

/** `path`: data.yaml, a label file, or a folder of labels with its subfolders. Throws a UserError when there are none. */
export function yoloLayout(path: string): YoloLayout {
  const isYaml = /\.ya?ml$/i.test(path);
  if (!existsSync(path)) throw new UserError(`${path}: no such folder or file; check the path`);
  if (!isYaml && !statSync(path).isDirectory()) {
    if (!/\.txt$/i.test(path))
      throw new UserError(`${path}: expected data.yaml, a .txt file of labels or a folder of them; pass one`);
    const image = imageOf(normalPath(basename(path)));
    return {
      ...classesOf(yamlAround(dirname(path)), dirname(path)),
      labels: [{ file: path, image }],
      splitOf: new Map(),
      notes: [],
    };
  }
  const folder = isYaml ? dirname(path) : path;
  const yaml = isYaml ? path : yamlAround(folder);
  const base = yaml === null ? folder : dirname(yaml);
  const inner = posix.join(relative(resolve(base), resolve(folder)).replaceAll("\\", "/"), ".");
  const labels: LabelFile[] = [];
  const lists: string[] = [];
  for (const name of filesBelow(folder, { extensions: [".txt"], noun: "labels" })) {
    const file = join(folder, name);
    if (isList(file)) lists.push(file);
    else if (!NOT_LABELS.test(basename(name))) labels.push({ file, image: imageOf(posix.join(inner, name)) });
  }
  if (labels.length === 0) throw new UserError(`${path}: has no .txt file of labels; pass the folder that contains them`);
  return { ...classesOf(yaml, folder), labels, ...splitsOf(labels, { yaml, lists, base }) };
}

const NOT_LABELS = /^(?:(?:predefined_)?classes|readme.*|notes|requirements)\.txt$/i;

const imageOf = (label: string): string => withoutExtension(label).replace(/^(.*\/)?labels(?=\/)(?!.*\/labels\/)/i, "$1images");

/**
 * data.yaml, or the only other YAML file with names, in the folder or above a folder "labels" in it (root/labels/train,
 * root/train/labels). Null when there is none. Throws a UserError when there are several.
 */
function yamlAround(folder: string): string | null {
  const parts = resolve(folder).split(/[\\/]/);
  const depth = parts.slice(-2).includes("labels") ? 3 : 1;
  for (let up = 0, dir = folder; up < depth; up++, dir = join(dir, "..")) {
    const entries = entriesOf(dir);
    const named = ["data.yaml", "data.yml"].find((name) => entries.some((entry) => entry.name === name));
    if (named !== undefined) return join(dir, named); // also one that cannot be read: its error is better than no names
    const [found, other] = entries
      .filter((entry) => entry.isFile() && /\.ya?ml$/i.test(entry.name))
      .map(({ name }) => join(dir, name))
      .filter((file) => /^names\s*:/m.test(readTextFile(file, TEXT_COST)))
      .sort();
    if (other !== undefined)
      throw new UserError(`${dir}: has several YAML files with names (${basename(found)}, ${basename(other)}); pass one of them`);
    if (found !== undefined) return found;
  }
  return null;
}

function entriesOf(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return []; // a folder above the labels that is closed to the user
  }
}

const KEYS = ["names", "nc", "kpt_shape", "train", "val", "valid", "test"] as const;

function classesOf(yaml: string | null, folder: string): YoloClasses {
  if (yaml === null) return { names: namesBeside(folder), keypointNumbers: 0 };
  const entries = readYaml(yaml, KEYS);
  const fault = (key: string, message: string): UserError =>
    new UserError(`${yaml}:${entries.get(key)?.line ?? 1}: ${key}: ${message}`);
  const listed = entries.get("names")?.value;
  const names = listed === undefined ? null : namesOf(listed, (message) => fault("names", message));
  const count = entries.get("nc")?.value ?? null;
  if (names !== null && count !== null && Number(count) !== names.length)
    throw fault("nc", `is ${String(count)}, but there are ${names.length} names; correct one of them`);
  const shape = entries.get("kpt_shape")?.value ?? null;
  if (shape === null) return { names, keypointNumbers: 0 };
  const [points, numbers] = Array.isArray(shape) ? shape.map(Number) : [];
  if (!(Number.isInteger(points) && points > 0 && (numbers === 2 || numbers === 3)))
    throw fault("kpt_shape", "expected [number of key points, 2 or 3]; correct it");
  return { names, keypointNumbers: points * numbers };
}

function namesOf(value: YamlValue, fault: (message: string) => UserError): string[] {
  const pairs = value instanceof Map ? [...value] : Array.isArray(value) ? value.map((name, i) => [String(i), name]) : [];
  if (pairs.length === 0) throw fault("expected a list of classes, or 0: name, 1: name, …; correct it");
  const names: string[] = [];
  for (const [key, name] of pairs) {
    if (!/^\d{1,5}$/.test(key)) throw fault(`expected classes 0, 1, 2, …, got "${key}"; correct it`);
    if (name.trim() === "") throw fault(`the class ${key} has an empty name; correct it`);
    names[Number(key)] = name;
  }
  const missing = Array.from(names, (name) => name === undefined).indexOf(true);
  if (missing !== -1 || names.length !== pairs.length) throw fault(`the class ${missing} has no name; add it`);
  return names;
}

/** A class a line, in classes.txt or obj.names in the folder or above it. */
function namesBeside(folder: string): string[] | null {
  const files = [folder, join(folder, "..")].flatMap((dir) =>
    ["classes.txt", "obj.names", "_darknet.labels"].map((name) => join(dir, name)),
  );
  const file = files.find(existsSync);
  if (file === undefined) return null;
  const names = readTextFile(file, TEXT_COST)
    .trimEnd()
    .split(/\r?\n/)
    .map((name) => name.trim());
  const empty = names.indexOf("");
  if (empty !== -1) throw new UserError(`${file}:${empty + 1}: is empty; write a class in each line`);
  return names;
}

/** Files named after a split whose lines are paths and not labels. */
function isList(file: string): boolean {
  if (!/^(?:train|val|valid|test|trainval)\.txt$/i.test(basename(file))) return false;
  const first = /\S.*/.exec(readTextFile(file, TEXT_COST))?.[0] ?? "";
  return first !== "" && !/^\d+\s+[\d.]/.test(first);
}

const SPLITS = { train: "train", val: "test", valid: "test", test: "test" } as const;

interface SplitFiles {
  readonly yaml: string | null;
  readonly lists: readonly string[];
  readonly base: string;
}

/** From data.yaml, else from lists of images, else from folders named after splits; validation images are test images. */
function splitsOf(labels: readonly LabelFile[], { yaml, lists, base }: SplitFiles): Pick<YoloLayout, "splitOf" | "notes"> {
  const sets = new Map<LabelFile, Set<"train" | "test">>();
  const notes: string[] = [];
  let placed = 0;
  const put = (label: LabelFile, split: "train" | "test") => {
    placed++;
    const known = sets.get(label);
    if (known === undefined) sets.set(label, new Set([split]));
    else known.add(split);
  };
  const index = new FileNameIndex(labels, ({ image }) => image);
  const fromList = (list: string, split: "train" | "test") => {
    for (const line of readTextFile(list, TEXT_COST).split(/\r?\n/))
      if (line.trim() !== "") for (const label of index.find(withoutExtension(line.trim()))) put(label, split);
  };
  const entries = yaml === null ? new Map<string, YamlEntry>() : readYaml(yaml, KEYS);
  const given = (Object.keys(SPLITS) as (keyof typeof SPLITS)[]).filter((key) => entries.get(key)?.value);
  for (const key of given) {
    const value = (entries.get(key) as YamlEntry).value;
    const before = placed;
    for (const entry of typeof value === "string" ? [value] : Array.isArray(value) ? value : []) {
      const list = join(base, entry);
      if (!/\.txt$/i.test(entry)) for (const label of labels) if (isBelow(label.image, entry)) put(label, SPLITS[key]);
      if (/\.txt$/i.test(entry) && existsSync(list)) fromList(list, SPLITS[key]);
    }
    if (placed === before) notes.push(`${key} in ${basename(yaml as string)} names none of the label files`);
  }
  for (const list of given.length > 0 ? [] : lists) {
    const split = SPLITS[withoutExtension(basename(list)).toLowerCase() as keyof typeof SPLITS];
    if (split !== undefined) fromList(list, split);
  }
  if (given.length === 0 && lists.length === 0) for (const label of labels) putByFolder(label, put);
  const splitOf = new Map<LabelFile, "train" | "test">();
  let both = 0;
  for (const [label, of] of sets) {
    if (of.size > 1) both++;
    else for (const split of of) splitOf.set(label, split);
  }
  if (both > 0) notes.push(`${both} images are in the training and in another split: they are training images; use "data split"`);
  return { splitOf, notes };
}

function putByFolder(label: LabelFile, put: (label: LabelFile, split: "train" | "test") => void): void {
  for (const part of dirname(label.image).toLowerCase().split("/")) {
    const split = SPLITS[part as keyof typeof SPLITS] as "train" | "test" | undefined;
    if (split !== undefined) put(label, split);
  }
}

/** Whether the folder of an image is the one that data.yaml names, perhaps by a path from elsewhere, or is inside it. */
function isBelow(image: string, entry: string): boolean {
  const wanted = posix
    .join("/", normalPath(entry))
    .replace(/\/$/, "")
    .replace(/^(?:\/\.\.)+/, "");
  for (let dir = posix.dirname(image); dir !== "." && dir !== "/"; dir = posix.dirname(dir)) {
    const whole = `/${dir}`;
    if (wanted.endsWith(whole) || (wanted !== "" && whole.endsWith(wanted))) return true;
  }
  return false;
}
