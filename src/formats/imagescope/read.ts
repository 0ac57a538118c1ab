// XML of Aperio ImageScope, one file per image: layers (<Annotation>) of regions with vertices, in pixels of the full resolution.
// The class is the layer's: its name or, as in MoNuSAC, the name of its only attribute; in a layer without either, the text of
// each region.

import { ellipseRing } from "../../geometry/rotated-ring.ts";
import { annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { decimal } from "../decimal.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { boundsOf } from "../marks.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, Source, SourceImage, SourceOptions, UnreadMark } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them; each is named after its image. Regions drawn by pen, rectangles and
 * ellipses are outlines; a region of one vertex is a point. What "negative" regions exclude from an analysis is a region to
 * ignore. Arrows, rulers and unknown types are unread. Throws a UserError with file and line on invalid XML and numbers.
 */
export function readImagescope({ images: folder, annotations, ...options }: SourceOptions): Source {
  const names = new ImageNames(folder);
  const tally = { skipped: new SkippedKinds("regions"), negative: 0, texts: 0, faulty: new FaultyMarks(options) };
  const files = annotationFiles(annotations, [".xml"]).map(({ file, stem }) =>
    readFile(file, names.findStem(stem) ?? stem, tally),
  );
  const { images, notes } = mergeFiles(files, names);
  const { skipped, faulty, negative, texts } = tally;
  return {
    images,
    notes: [
      ...notes,
      ...(negative === 0 ? [] : [`${negative} negative regions became regions to ignore`]),
      ...(texts === 0 ? [] : [`${texts} texts of regions are not used: their layers have names, which are the classes`]),
      ...skipped.notes(),
    ],
    ...faulty.report(),
  };
}

interface Tally {
  readonly skipped: SkippedKinds;
  readonly faulty: FaultyMarks;
  negative: number;
  texts: number;
}

/** A region before its layer is complete, and hence its class known. */
interface Drawn {
  readonly place: Place;
  readonly text: string;
  readonly negative: boolean;
  readonly line: number;
}

function readFile(file: string, name: string, tally: Tally): SourceImage {
  const marks: Mark[] = [];
  const unread: UnreadMark[] = [];
  let layer: Drawn[] = [];
  let left = 0;
  let mpp: number | undefined;
  for (const element of readXml(file, { root: "Annotations", format: "XML of Aperio ImageScope", release: "Region" })) {
    if (element.name === "Region" && tally.faulty.isFaulty(() => readRegion(element, { layer, unread, tally }))) left++;
    if (element.name !== "Annotation") continue;
    mpp ??= micronsPerPixel(element.parent as XmlElement);
    const known = className(element);
    for (const { place, text, negative, line } of layer) {
      if (negative) tally.negative++;
      else if (known !== null && text !== "" && text !== known) tally.texts++;
      const label = known ?? (text || null);
      marks.push({ place, label, ...(negative ? { region: "ignore" as const } : {}), file, line });
    }
    layer = [];
  }
  return { name, marks, unread, ...(left === 0 ? {} : { faulty: left }), file, line: 0, ...(mpp === undefined ? {} : { mpp }) };
}

/** What ImageScope writes for an image without a scale is 0. */
function micronsPerPixel(root: XmlElement): number | undefined {
  const value = root.number("MicronsPerPixel", 0);
  return value > 0 && value <= 1000 ? value : undefined;
}

function className(layer: XmlElement): string | null {
  const name = layer.find("Name")?.trim();
  if (name) return name;
  const attributes = layer.child("Attributes")?.children.filter((child) => child.name === "Attribute") ?? [];
  const named = attributes.flatMap((attribute) => {
    const [key, value] = [attribute.find("Name")?.trim() ?? "", attribute.find("Value")?.trim() ?? ""];
    return key === "" || key === "Description" ? value || [] : key;
  });
  return named.length === 1 ? named[0] : null;
}

const [RECTANGLE, ELLIPSE] = [/^(?:1|rectangle)$/i, /^(?:2|ellipse)$/i];
/** 0 is a shape drawn by pen; other programs write a name or nothing. */
const DRAWN = /^(?:0|1|2|polygon|freehand|rectangle|ellipse|)$/i;
/** Of ImageScope's other types. */
const NAMES: { readonly [type: string]: string } = { "3": "arrow", "4": "ruler" };

function readRegion(region: XmlElement, to: { layer: Drawn[]; unread: UnreadMark[]; tally: Tally }): void {
  const { file, line } = region;
  const ring = verticesOf(region);
  const type = region.find("Type")?.trim() ?? "";
  if (ring.length === 0) {
    to.tally.skipped.add("region without vertices");
    return;
  }
  const place = placeOf(type, ring);
  if (place === null) {
    to.unread.push({ kind: NAMES[type] ?? `region of type ${type}`, place: { kind: "outline", rings: [ring] }, file, line });
    return;
  }
  to.layer.push({ place, text: region.find("Text")?.trim() ?? "", negative: region.find("NegativeROA") === "1", line });
}

/** Null for what is not a shape. Rectangles and ellipses may be given by two opposite corners. */
function placeOf(type: string, ring: number[]): Place | null {
  if (!DRAWN.test(type)) return null;
  if (ring.length === 2) return { kind: "point", x: ring[0], y: ring[1] };
  const [x1, y1, x2, y2] = boundsOf({ kind: "outline", rings: [ring] }, 0);
  if (ELLIPSE.test(type) && ring.length <= 10)
    return {
      kind: "outline",
      rings: [ellipseRing({ x: (x1 + x2) / 2, y: (y1 + y2) / 2, rx: (x2 - x1) / 2, ry: (y2 - y1) / 2, degrees: 0 })],
    };
  if (ring.length === 4) return RECTANGLE.test(type) ? { kind: "box", box: [x1, y1, x2, y2] } : null;
  if (ring.length === 8 && isUpright(ring)) return { kind: "box", box: [x1, y1, x2, y2] };
  return { kind: "outline", rings: [ring] };
}

/** Whether every side of a ring of four corners is horizontal or vertical: a rectangle. */
const isUpright = (ring: readonly number[]): boolean =>
  [0, 2, 4, 6].every((at) => {
    const next = (at + 2) % 8;
    return ring[at] === ring[next] || ring[at + 1] === ring[next + 1];
  });

/** Without a last vertex that repeats the first. */
function verticesOf(region: XmlElement): number[] {
  const ring: number[] = [];
  for (const vertex of region.child("Vertices")?.children ?? []) {
    if (vertex.name === "Vertex" || vertex.name === "V") ring.push(coordinate(vertex, "X"), coordinate(vertex, "Y"));
  }
  const closed = ring.length > 6 && ring[0] === ring.at(-2) && ring[1] === ring.at(-1);
  return closed ? ring.slice(0, -2) : ring;
}

/** With a decimal comma, as written where the computer is set to a language that has one. */
function coordinate(vertex: XmlElement, name: "X" | "Y"): number {
  const text = vertex.attribute(name);
  const value = decimal(text.replace(",", "."));
  if (Number.isNaN(value)) throw vertex.fault(`${name}: expected a number, got "${text}"; correct it`);
  return value;
}
