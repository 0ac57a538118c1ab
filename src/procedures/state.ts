// What a procedure remembers, as tensors of a checkpoint and back: plain arrays, and a teacher's weights.

import { Tensor } from "@sparsecell/torch";
import type { NamedArrays } from "../methods/calibration.ts";
import type { Teacher } from "./teacher.ts";

type Tensors = ReadonlyMap<string, Tensor>;

/** Arrays under names that begin with `prefix`. */
export const arrayTensors = (prefix: string, arrays: NamedArrays): [string, Tensor][] =>
  Object.entries(arrays).map(([name, values]) => [`${prefix}${name}`, Tensor.from(values)]);

/** Those arrays again, of the names and lengths of `like`. Throws an Error when one is missing. */
export const arraysFrom = (tensors: Tensors, prefix: string, like: NamedArrays): NamedArrays =>
  Object.fromEntries(Object.entries(like).map(([name, { length }]) => [name, arrayOf(tensors, `${prefix}${name}`, length)]));

/** A teacher, and the arrays that a procedure remembers beside it. */
export const teacherTensors = (teacher: Teacher, arrays: NamedArrays): Tensors =>
  new Map([
    ...arrayTensors("memory.", arrays),
    ...[...teacher.state()].map(([name, tensor]) => [`teacher.${name}`, tensor] as const),
  ]);

/** Restores the teacher, and returns the arrays. Throws an Error when the state is another procedure's; nothing is changed then. */
export function restoreTeacher(teacher: Teacher, like: NamedArrays, tensors: Tensors): NamedArrays {
  const arrays = arraysFrom(tensors, "memory.", like);
  const others = [...tensors].filter(([name]) => !Object.keys(like).some((array) => name === `memory.${array}`));
  teacher.loadState(new Map(others.map(([name, tensor]) => [name.replace(/^teacher\./, ""), tensor])));
  return arrays;
}

function arrayOf(tensors: Tensors, name: string, length: number): Float64Array {
  const values = tensors.get(name)?.data();
  if (values instanceof Float64Array && values.length === length) return values.slice();
  throw new Error(
    `${name}: expected ${length} numbers in float64, got ${values ? `${values.length} of another type or number` : "none"}`,
  );
}
