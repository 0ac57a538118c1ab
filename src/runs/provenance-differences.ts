// Two provenances, in words: what a training learns from, which must be the same, and what computes, which may differ.

import { isDeepStrictEqual } from "node:util";
import type { ImageProvenance, Provenance, Surroundings } from "./provenance.ts";

/** What is learned from: images, annotations, first weights. Empty when all are equal. */
export function inputDifferences(then: Provenance, now: Provenance): string[] {
  const weights =
    then.weights === now.weights ? [] : [`first weights: SHA-256 was ${short(then.weights)}, is ${short(now.weights)}`];
  return [...weights, ...imageDifferences(then.images, now.images)];
}

function imageDifferences(then: Provenance["images"], now: Provenance["images"]): string[] {
  const both = Object.keys(then).filter((name) => name in now);
  const differing = (key: keyof ImageProvenance): string[] => both.filter((name) => then[name][key] !== now[name][key]);
  return [
    named(
      "missing",
      Object.keys(then).filter((name) => !(name in now)),
    ),
    named(
      "not there before",
      Object.keys(now).filter((name) => !(name in then)),
    ),
    named("with other pixels", differing("file")),
    named("with other annotations", differing("marks")),
  ].filter((line) => line !== "");
}

function named(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return `${names.length} image${names.length === 1 ? "" : "s"} ${what}: ${names.slice(0, 3).join(", ")}${rest}`;
}

/** What computes: program, libraries, machine. Empty when all are equal. */
export function surroundingDifferences(then: Surroundings, now: Surroundings): string[] {
  const code = then.code.sha256 === now.code.sha256 ? [] : [`program: was ${codeText(then)}, is ${codeText(now)}`];
  return [...code, ...valueDifferences(then.libraries, now.libraries), ...valueDifferences(then.machine, now.machine)];
}

export const sameSurroundings = (a: Surroundings, b: Surroundings): boolean =>
  a.code.sha256 === b.code.sha256 && isDeepStrictEqual([a.libraries, a.machine], [b.libraries, b.machine]);

function valueDifferences(then: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name}: was ${then[name] ?? "not set"}, is ${now[name] ?? "not set"}`);
}

function codeText({ code: { version, sha256, commit, changed } }: Surroundings): string {
  const at = commit ? ` at commit ${commit.slice(0, 9)}${changed ? " with changes" : ""}` : "";
  return `${version}${at} (${sha256.slice(0, 8)})`;
}

const short = (sha256: string | null): string => (sha256 === null ? "none" : `${sha256.slice(0, 16)}…`);
