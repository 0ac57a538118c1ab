// The queue as one goes through it: what was asked lies behind, so that ← goes back to it; what comes is in the server's order,
// which changes with every answer.

import type { Answer, AnswerEffect, Id, ImageFacts, Suspect } from "../../../src/api.ts";
import { ringOf } from "../canvas/shapes.ts";

/** The list with what the server says comes next; the one that is shown, and what lies before it, stay. */
export function merged(
  list: readonly Suspect[],
  shown: number,
  next: readonly Suspect[],
  isAnswered: (id: Id) => boolean,
): readonly Suspect[] {
  const kept = list.filter((suspect, i) => i <= shown || isAnswered(suspect.id));
  const there = new Set(kept.map(({ id }) => id));
  return [...kept, ...next.filter(({ id }) => !there.has(id) && !isAnswered(id))];
}

/** The first one from a place on that is not answered, else the first of all; -1 when all are. */
export function nextOpen(list: readonly Suspect[], from: number, isAnswered: (id: Id) => boolean): number {
  const ahead = list.findIndex(({ id }, i) => i >= from && !isAnswered(id));
  return ahead >= 0 ? ahead : list.findIndex(({ id }) => !isAnswered(id));
}

/** What an answer does to the marks. */
export function effectOf(
  answer: Answer,
  suspect: Suspect,
  image: Pick<ImageFacts, "id" | "width" | "height">,
  id: Id,
  classId: Id = suspect.classId,
): AnswerEffect {
  const { box, cell, kind } = suspect;
  if (answer === "unsure") {
    const ring = ringOf(box).map((value, i) => Math.max(0, Math.min(i % 2 ? image.height : image.width, value)));
    return { ignore: { id, image: image.id, kind: "ignore", ring } };
  }
  if (kind === "denied" && cell) return answer === "accept" ? { keep: cell } : { delete: cell };
  return { add: { id, image: image.id, box, classId: answer === "accept" ? classId : null, from: "answer" } };
}
