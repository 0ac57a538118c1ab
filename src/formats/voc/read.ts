// Pascal VOC XML (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html), one file per image. VOC counts pixels
// from 1 and both ends belong to the box: pixels xmin … xmax are the box [xmin − 1, xmax]. Tools that count from 0 write the same
// tags; their boxes are read one pixel too far to the left and top, which a note reports when it is evident.

import { posix } from "node:path";
import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { pixelFault, pixelFaultText } from "../../geometry/pixels.ts";
import { type AnnotationFile, annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { type Mark, type Source, type SourceImage, type SourceOptions, where } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them. An object that is `difficult` becomes a region to ignore. The image is
 * the one in `filename` or, without a matching one, the one named like the XML file. Throws a UserError with file and line on
 * invalid XML, an object without a name or box, and invalid numbers.
 */
export function readVoc({ images: folder, annotations }: SourceOptions): Source {
  const files = annotationFiles(annotations, [".xml"]);
  const names = new ImageNames(folder);
  const { images, notes: merged } = mergeFiles(
    files.map((file) => readImage(file, names)),
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
  return { images, notes: notes.flat() };
}

function readImage({ file, stem }: AnnotationFile, names: ImageNames): SourceImage {
  const marks: Mark[] = [];
  let [fileName, size]: (XmlElement | undefined)[] = [];
  for (const element of readXml(file, { root: "annotation", format: "a Pascal VOC file of one image" })) {
    if (element.name === "filename") fileName = element;
    else if (element.name === "size") size = element;
    else if (element.name === "object") marks.push(readObject(element));
  }
  const written = marks.map(({ place }): Box => (place.kind === "box" ? fromOne(place.box) : [0, 0, 1, 1]));
  const fault = pixelFault(written);
  if (fault?.fault === "fractions") throw new UserError(`${where(marks[fault.first])}: ${pixelFaultText(fault)}`);
  const [width, height] = size === undefined ? [] : [size.required("width").toNumber(), size.required("height").toNumber()];
  const named = fileName?.text || null;
  const matching = named === null ? undefined : names.find(posix.join(posix.dirname(stem), named), named);
  return {
    name: matching ?? names.findStem(stem) ?? named ?? stem,
    marks,
    file,
    line: fileName?.line ?? 0,
    ...(width && height ? { size: { width, height } } : {}), // some tools write 0 for unknown
  };
}

function readObject(object: XmlElement): Mark {
  const label = object.required("name");
  if (label.text === "") throw label.fault("<name> is empty; write the object's class");
  const bounds = object.required("bndbox");
  const [xmin, ymin, xmax, ymax] = ["xmin", "ymin", "xmax", "ymax"].map((side) => bounds.required(side).toNumber());
  const [[x1, x2], [y1, y2]] = [edges(xmin, xmax), edges(ymin, ymax)];
  return {
    place: { kind: "box", box: [x1, y1, x2, y2] },
    label: label.text,
    ...(object.child("difficult")?.text === "1" ? { region: "ignore" } : {}),
    file: object.file,
    line: object.line,
  };
}

/** A box as the file has it. */
const fromOne = ([x1, y1, x2, y2]: Box): Box => [x1 + 1, y1 + 1, x2, y2];

/** The edges of pixels `from` to `to`, counted from 1; still in the wrong order if they are. */
const edges = (from: number, to: number): [number, number] => (from <= to ? [from - 1, to] : [from, to - 1]);
