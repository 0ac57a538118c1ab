// provenance.json in a run's folder: what the run was made of and what it came to, as hashes, so that somebody else can tell
// whether they have the same, and get the same. Runs of earlier versions than 0.6.0 have none.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readJsonFile } from "../files/json/file.ts";
import { anyFlag, anyText, listOf, objectOf, optional, orNull, requireShape, valuesOf } from "../files/json/shape.ts";

/** What computes: it may change a result by rounding, or, between versions, by what is computed. */
export interface Surroundings {
  readonly code: {
    readonly version: string;
    /** Of the compiled program, without its tests. */
    readonly sha256: string;
    /** Of a clone. */
    readonly commit?: string;
    /** Whether files differed from that commit. */
    readonly changed?: boolean;
  };
  /** Name and version or hash: libtorch, BLAS, Node, libvips. */
  readonly libraries: Readonly<Record<string, string>>;
  /** Processor, cores, instructions, variables that choose kernels, the card. */
  readonly machine: Readonly<Record<string, string>>;
}

export interface Provenance extends Surroundings {
  /** SHA-256 of the file of the first weights. */
  readonly weights: string | null;
  /** Of every image of the dataset, by name: SHA-256 of its file, and a digest of what is known of it. */
  readonly images: Readonly<Record<string, ImageProvenance>>;
  /** Whether boxes in memory were finer than the thousandths of a pixel that files hold: from files the run is not quite the same. */
  readonly unrounded?: boolean;
  /** Where a resumed run went on, if that was another program, library or machine. */
  readonly resumed?: readonly Surroundings[];
  /** SHA-256 of what a finished run left. */
  readonly outcome?: { readonly model: string; readonly log: string };
}

export interface ImageProvenance {
  readonly file: string;
  readonly marks: string;
}

const surroundings = {
  code: objectOf({ version: anyText, sha256: anyText, commit: optional(anyText), changed: optional(anyFlag) }),
  libraries: valuesOf(anyText),
  machine: valuesOf(anyText),
};

const provenanceShape = objectOf({
  ...surroundings,
  weights: orNull(anyText),
  images: valuesOf(objectOf({ file: anyText, marks: anyText })),
  unrounded: optional(anyFlag),
  resumed: optional(listOf(objectOf(surroundings))),
  outcome: optional(objectOf({ model: anyText, log: anyText })),
});

const fileIn = (dir: string): string => join(dir, "provenance.json");

/** Null where the run in `dir` has none. Throws a UserError when it is damaged. */
export function readProvenance(dir: string): Provenance | null {
  const file = fileIn(dir);
  if (!existsSync(file)) return null;
  return requireShape<Provenance>(readJsonFile(file), provenanceShape, "this is not what a run was made of; remove the file");
}

export function writeProvenance(dir: string, provenance: Provenance): void {
  writeFileAtomic(fileIn(dir), `${JSON.stringify(provenance, null, 1)}\n`);
}
