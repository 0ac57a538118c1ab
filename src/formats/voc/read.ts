// Pascal VOC XML (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html), one file per image. VOC counts pixels
// from 1 and both ends belong to the box: pixels xmin … xmax are the box [xmin − 1, xmax]. Tools that count from 0 write the same
// tags; their boxes are read one pixel too far to the left and top, which a note reports when it is evident.

import { posix } from "node:path";
import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { pixelFault, pixelFaultText } from "../../geometry/pixels.ts";
import { rectangleRing } from "../../geometry/region.ts";
import { rotateRing } from "../../geometry/rotated-ring.ts";
import { type AnnotationFile, annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { boundsOf } from "../marks.ts";
import { type Mark, type Place, type Source, type SourceImage, type SourceOptions, where } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them. An object without a <bndbox> is its <robndbox>, a rotated
 * box, or its <polygon>. An object that is `difficult` becomes a region to ignore. The image is
 * the one in `filename` or, without a matching one, the one named like the XML file. Throws a UserError with file and line on
 * invalid XML, an object without a name or box, invalid numbers, and when `filename` and the file's name are of different images.
 */
export function readVoc({ images: folder, annotations, ...options }: SourceOptions): Source {
  const files = annotationFiles(annotations, [".xml"]);
  const names = new ImageNames(folder);
  const faulty = new FaultyMarks(options);
  const { images, notes: merged } = mergeFiles(
    files.map((file) => readImage(file, { names, faulty })),
    names,
  );
  const marks = images.flatMap(({ marks }) => marks);
  const difficult = marks.filter(({ region }) => region === "ignore").length;
  const fromZero = marks.filter(({ place }) => place.kind === "box" && Math.min(place.box[0], place.box[1]) === -1).length;
  const notes = [
    merged,
    difficult === 0 ? [] : `${difficult} difficult objects became regions to ignore`,
    fromZero === 0
      ? []
      : `${fromZero} boxes start at pixel 0, but VOC counts from 1: all boxes may be 1 pixel too far left and up`,
  ];
  return { images, notes: notes.flat(), ...faulty.report() };
}

function readImage(
  { file, stem }: AnnotationFile,
  { names, faulty }: { readonly names: ImageNames; readonly faulty: FaultyMarks },
): SourceImage {
  const marks: Mark[] = [];
  let left = 0;
  let [fileName, size]: (XmlElement | undefined)[] = [];
  for (const element of readXml(file, { root: "annotation", format: "a Pascal VOC file of one image" })) {
    if (element.name === "filename") fileName = element;
    else if (element.name === "size") size = element;
    else if (element.name === "object" && faulty.isFaulty(() => marks.push(readObject(element)))) left++;
  }
  const written = marks.map(({ place }): Box => (place.kind === "box" ? fromOne(place.box) : boundsOf(place, 0)));
  const fault = pixelFault(written);
  if (fault?.fault === "fractions") throw new UserError(`${where(marks[fault.first])}: ${pixelFaultText(fault)}`);
  const [width, height] = size === undefined ? [] : [size.required("width").toNumber(), size.required("height").toNumber()];
  const named = fileName?.text || null;
  const matching = named === null ? undefined : names.find(posix.join(posix.dirname(stem), named), named);
  const beside = names.findStem(stem);
  if (fileName !== undefined && matching !== undefined && beside !== undefined)
    requireSame(fileName, { matching, beside, names });
  return {
    name: matching ?? beside ?? named ?? stem,
    marks,
    ...(left === 0 ? {} : { faulty: left }),
    file,
    line: fileName?.line ?? 0,
    ...(width && height ? { size: { width, height } } : {}), // some tools write 0 for unknown
  };
}

/** Throws a UserError when the file is named like another image than it says: a copy whose <filename> was not changed. */
function requireSame(
  fileName: XmlElement,
  { matching, beside, names }: { readonly matching: string; readonly beside: string; readonly names: ImageNames },
): void {
  const [said, alike] = [names.paths(matching), names.paths(beside)];
  if (alike.some((path) => said.includes(path))) return;
  throw fileName.fault(
    `says that it is of "${said[0]}", but is named like "${alike[0]}"; correct <filename>, or rename the file`,
  );
}

function readObject(object: XmlElement): Mark {
  const label = object.required("name");
  if (label.text === "") throw label.fault("<name> is empty; write the object's class");
  return {
    place: placeOf(object),
    label: label.text,
    ...(object.child("difficult")?.text === "1" ? { region: "ignore" } : {}),
    file: object.file,
    line: object.line,
  };
}

function placeOf(object: XmlElement): Place {
  const [rotated, polygon] = [object.child("robndbox"), object.child("polygon")];
  if (object.child("bndbox") === undefined && rotated !== undefined) return rotatedPlace(rotated);
  if (object.child("bndbox") === undefined && polygon !== undefined) return polygonPlace(polygon);
  const bounds = object.required("bndbox");
  const [xmin, ymin, xmax, ymax] = ["xmin", "ymin", "xmax", "ymax"].map((side) => bounds.required(side).toNumber());
  const [[x1, x2], [y1, y2]] = [edges(xmin, xmax), edges(ymin, ymax)];
  return { kind: "box", box: [x1, y1, x2, y2] };
}

/** As roLabelImg writes it: the angle in radians, clockwise. */
function rotatedPlace(box: XmlElement): Place {
  const [cx, cy, w, h, angle] = ["cx", "cy", "w", "h", "angle"].map((key) => box.required(key).toNumber());
  const [x, y] = [cx - MIDDLE, cy - MIDDLE];
  const ring = rectangleRing(x - w / 2, y - h / 2, x + w / 2, y + h / 2);
  return { kind: "outline", rings: [rotateRing(ring, { x, y, degrees: (angle * 180) / Math.PI })] };
}

/** As Roboflow writes it: <x1>, <y1>, <x2>, <y2> … */
function polygonPlace(polygon: XmlElement): Place {
  const ring: number[] = [];
  for (let i = 1; i === 1 || polygon.child(`x${i}`) !== undefined; i++)
    ring.push(polygon.required(`x${i}`).toNumber() - MIDDLE, polygon.required(`y${i}`).toNumber() - MIDDLE);
  return { kind: "outline", rings: [ring] };
}

const MIDDLE = 0.5; // VOC's point 1 is the middle of the first pixel

/** A box as the file has it. */
const fromOne = ([x1, y1, x2, y2]: Box): Box => [x1 + 1, y1 + 1, x2, y2];

/** The edges of pixels `from` to `to`, counted from 1; still in the wrong order if they are. */
const edges = (from: number, to: number): [number, number] => (from <= to ? [from - 1, to] : [from, to - 1]);
