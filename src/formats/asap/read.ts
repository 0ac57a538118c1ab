// XML of ASAP (https://github.com/computationalpathologygroup/ASAP), one file per image: shapes in pixels of the full resolution,
// and groups, which are the classes. A shape names its group in PartOfGroup ("None": no group); nested groups are ignored.
// ASAP writes numbers in the user's locale, so a decimal comma counts as a point.

import { UserError } from "../../errors.ts";
import { annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { decimal } from "../decimal.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, Source, SourceImage, SourceOptions, UnreadMark } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them; each is named after its image. Dots and point sets are points; rectangles,
 * polygons and splines are outlines, a spline as the polygon through its points. Other shapes are unread; shapes without
 * coordinates are skipped and noted. Throws a UserError with file and line on invalid XML, invalid numbers, a dot with several coordinates, and a
 * file without <Annotations>.
 */
export function readAsap({ images: folder, annotations, ...options }: SourceOptions): Source {
  const files = annotationFiles(annotations, [".xml"]);
  const names = new ImageNames(folder);
  const skipped = new SkippedKinds("dots, point sets, rectangles, polygons and splines");
  const faulty = new FaultyMarks(options);
  let splines = 0;
  const read = files.map(({ file, stem }): SourceImage => {
    const top = [...readXml(file, { root: "ASAP_Annotations", format: "a file of ASAP" })];
    const lists = top.filter(({ name }) => name === "Annotations");
    if (lists.length === 0) throw new UserError(`${file}:1: has no <Annotations>; save it again in ASAP`);
    const shapes = lists.flatMap(({ children }) => children).filter(({ name }) => name === "Annotation");
    splines += shapes.filter((shape) => shape.find("Type") === "Spline").length;
    const unread: UnreadMark[] = [];
    const marks: Mark[] = [];
    const left = shapes.filter((shape) => faulty.isFaulty(() => marks.push(...marksOf(shape, unread, skipped)))).length;
    return { name: names.findStem(stem) ?? stem, marks, unread, ...(left === 0 ? {} : { faulty: left }), file, line: 0 };
  });
  const { images, notes } = mergeFiles(read, names);
  const note = splines === 0 ? [] : [`${splines} splines became polygons through their points`];
  return { images, notes: [...note, ...notes, ...skipped.notes()], ...faulty.report() };
}

function marksOf(shape: XmlElement, unread: UnreadMark[], skipped: SkippedKinds): Mark[] {
  const type = shape.attribute("Type");
  const points = pointsOf(shape);
  const group = shape.find("PartOfGroup") ?? "";
  const mark = (place: Place, line: number): Mark => {
    return { place, label: group === "" || group === "None" ? null : group, file: shape.file, line };
  };
  if (points.length === 0) skipped.add(`${type} without coordinates`);
  else if (type === "Dot" && points.length > 1)
    throw shape.fault(`is a Dot with ${points.length} coordinates; redraw it or make it a PointSet`);
  else if (type === "Dot" || type === "PointSet") return points.map(({ x, y, line }) => mark({ kind: "point", x, y }, line));
  else {
    const place: Place = { kind: "outline", rings: [points.flatMap(({ x, y }) => [x, y])] };
    if (type === "Rectangle" || type === "Polygon" || type === "Spline") return [mark(place, shape.line)];
    unread.push({ kind: type, place, file: shape.file, line: shape.line });
  }
  return [];
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly line: number;
}

/** In the order of their `Order` attributes. */
function pointsOf(shape: XmlElement): Point[] {
  const coordinates = shape.child("Coordinates")?.children.filter(({ name }) => name === "Coordinate") ?? [];
  return coordinates
    .map((coordinate, i) => ({ order: coordinate.number("Order", i), ...pointOf(coordinate) }))
    .sort((a, b) => a.order - b.order);
}

function pointOf(coordinate: XmlElement): Point {
  const [x, y] = ["X", "Y"].map((name) => {
    const text = coordinate.attribute(name);
    const value = decimal(text.replace(",", "."));
    if (Number.isNaN(value)) throw coordinate.fault(`${name}: expected a number, got "${text}"; correct it`);
    return value;
  });
  return { x, y, line: coordinate.line };
}
