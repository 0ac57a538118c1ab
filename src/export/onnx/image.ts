// From an image to the network's input, as src/detector/transform.ts makes it.

import { deviation, divisorOf, mean } from "../../detector/transform.ts";
import type { InputSize } from "../../settings/detector.ts";
import { absent, castTo, type Graph, type Value } from "./graph.ts";

export interface NetworkInput {
  /** [1, 3, H', W']: normalised; zeros, which are the mean colour, up to sides that the network can halve. */
  readonly pixels: Value;
  /** [H, W] of the image as the network sees it, and [H', W']. */
  readonly size: Value;
  readonly padded: Value;
  /** [W, H, W, H] in float32: the largest that a box's sides can be. */
  readonly limits: Value;
  /** [W, H, W, H] of the image as it came, over `limits`: from pixels of the network to those of the image. */
  readonly factors: Value;
}

/** image [1, 3, H, W], 0 … 255 */
export function networkInput(g: Graph, image: Value, input: InputSize): NetworkInput {
  const values = g.node("Div", [image, g.floats([255], [])]);
  const centred = g.node("Sub", [values, g.floats(mean, [3, 1, 1])]);
  const normalised = g.node("Div", [centred, g.floats(deviation, [3, 1, 1])]);
  const original = g.node("Gather", [g.node("Shape", [image]), g.ints([2, 3])]);
  const size = networkSize(g, original, input);
  const padded = roundedUp(g, input.kind === "letterbox" ? g.node("Max", [size, g.ints([input.size])]) : size, divisorOf(input));
  const pads = g.node("Concat", [g.ints([0, 0, 0, 0, 0, 0]), g.node("Sub", [padded, size])], { axis: 0 });
  const resized = size === original ? normalised : bilinear(g, normalised, size);
  const limits = corners(g, size);
  return {
    pixels: g.node("Pad", [resized, pads, g.floats([0], [])], { mode: "constant" }),
    size,
    padded,
    limits,
    factors: g.node("Div", [corners(g, original), limits]),
  };
}

const corners = (g: Graph, size: Value): Value =>
  g.node("Cast", [g.node("Gather", [size, g.ints([1, 0, 1, 0])])], castTo("float32"));

/** size [H, W] → the size that an image of it gets */
function networkSize(g: Graph, size: Value, input: InputSize): Value {
  if (input.kind === "resolution") return size;
  if (input.kind === "shortest-edge") return byShortestEdge(g, size, input);
  return input.kind === "stretch" ? g.ints([input.size, input.size]) : fitted(g, size, input.size);
}

/** The longest side becomes `longest`. */
function fitted(g: Graph, size: Value, longest: number): Value {
  const exact = g.node("Cast", [size], castTo("float64"));
  const sides = g.node("Div", [g.node("Mul", [exact, g.doubles([longest])]), g.node("ReduceMax", [exact])]);
  const rounded = g.node("Floor", [g.node("Add", [sides, g.doubles([0.5])])]);
  return g.node("Cast", [g.node("Max", [rounded, g.doubles([1])])], castTo("int64"));
}

/** The factor in float32, as the detector has it. */
function byShortestEdge(g: Graph, size: Value, { min, max }: { readonly min: number; readonly max: number }): Value {
  const sides = g.node("Cast", [size], castTo("float32"));
  const factor = (wanted: number, side: Value): Value =>
    g.node("Mul", [g.node("Div", [g.floats([1]), side]), g.floats([wanted])]);
  const scale = g.node("Min", [factor(min, g.node("ReduceMin", [sides])), factor(max, g.node("ReduceMax", [sides]))]);
  const [exact, scale64] = [size, scale].map((value) => g.node("Cast", [value], castTo("float64")));
  return g.node("Cast", [g.node("Floor", [g.node("Mul", [exact, scale64])])], castTo("int64"));
}

function bilinear(g: Graph, pixels: Value, size: Value): Value {
  const sizes = g.node("Concat", [g.ints([1, 3]), size], { axis: 0 });
  return g.node("Resize", [pixels, absent, absent, sizes], { mode: "linear", coordinate_transformation_mode: "half_pixel" });
}

function roundedUp(g: Graph, sides: Value, divisor: number): Value {
  const least = g.node("Div", [g.node("Add", [sides, g.ints([divisor - 1])]), g.ints([divisor])]);
  return g.node("Mul", [least, g.ints([divisor])]);
}
