// Pascal VOC XML (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html), one file per image. VOC counts pixels
// from 1 and both ends belong to the box: pixels xmin … xmax are the box [xmin − 1, xmax]. Tools that count from 0 write the same
// tags; their boxes are read one pixel too far to the left and top, which a note reports when it is evident.

import { posix } from "node:path";
import { type AnnotationFile, annotationFiles, ImageNames } from "../annotation-files.ts";
import type { Mark, Source, SourceImage, SourceOptions } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them. An object that is `difficult` becomes a region to ignore. The image is
 * the one in `filename` or, without a matching one, the one named like the XML file. Throws a UserError with file and line on
 * invalid XML, an object without a name or box, and invalid numbers.
 */
export function readVoc({ images: folder, annotations }: SourceOptions): Source {
  const files = annotationFiles(annotations, [".xml"]);
  const names = new ImageNames(folder);
  const images = files.map((file) => readImage(file, names));
  const marks = images.flatMap(({ marks }) => marks);
  const difficult = marks.filter(({ region }) => region === "ignore").length;
  const fromZero = marks.filter(({ place }) => place.kind === "box" && Math.min(place.box[0], place.box[1]) === -1).length;
  const notes = [
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
  return {
    place: { kind: "box", box: [xmin - 1, ymin - 1, xmax, ymax] },
    label: label.text,
    ...(object.child("difficult")?.text === "1" ? { region: "ignore" } : {}),
    file: object.file,
    line: object.line,
  };
}
