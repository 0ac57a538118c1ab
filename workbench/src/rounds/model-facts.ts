// What a training says of its model, in the metadata of the model's file (safetensors: a length, JSON, then the weights).

import { closeSync, existsSync, openSync, readSync } from "node:fs";
import type { Round } from "../api.ts";

const MOST = 1e8; // bytes of JSON

export interface ModelFacts {
  readonly heldOut: Round["heldOut"];
  readonly completeness: Round["completeness"];
}

export function modelFacts(file: string): ModelFacts {
  const metadata = existsSync(file) ? metadataOf(file) : {};
  const value = (key: string) => (metadata[key] === undefined ? null : JSON.parse(metadata[key]));
  const [recommended, completeness] = [value("sparsecell.recommended"), value("sparsecell.completeness")];
  return {
    heldOut: recommended && { marks: recommended.marks, found: recommended.found, score: recommended.score },
    completeness: completeness && { part: completeness.part, low: completeness.low, high: completeness.high },
  };
}

function metadataOf(path: string): Record<string, string> {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(8);
    readSync(file, head, 0, 8, 0);
    const length = Number(head.readBigUInt64LE());
    if (length > MOST) return {};
    const json = Buffer.alloc(length);
    readSync(file, json, 0, length, 8);
    return JSON.parse(json.toString("utf8")).__metadata__ ?? {};
  } finally {
    closeSync(file);
  }
}
