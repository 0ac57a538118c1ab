// XML of "CVAT for images 1.1" (https://docs.cvat.ai/docs/other/xml_format): all images of a task or project with their shapes,
// in pixels. Shapes are rotated clockwise about their centre.

import { rectangleRing } from "../../geometry/region.ts";
import { ellipseRing, rotateRing } from "../../geometry/rotated-ring.ts";
import { annotationFiles } from "../annotation-files.ts";
import { decimal } from "../decimal.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, Source, SourceImage, SourceOptions } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";

/**
 * Reads `annotations`, an XML file or a folder of them. A shape of points gives one or more points; boxes stay boxes; polygons,
 * ellipses and rotated boxes are outlines; other shapes are skipped and noted. A shape is a region when its attribute "region" is
 * "complete" or "ignore". The subset "Test" becomes the test split. Throws a UserError with file and line on invalid XML, missing
 * attributes, invalid numbers, and CVAT's format for videos.
 */
export function readCvat({ annotations }: SourceOptions): Source {
  const skipped = new SkippedKinds("points, boxes, polygons and ellipses");
  const images: SourceImage[] = [];
  for (const { file } of annotationFiles(annotations, [".xml"])) {
    for (const element of readXml(file, { root: "annotations", format: "the annotations.xml of CVAT" })) {
      if (element.name === "image") images.push(readImage(element, skipped));
      if (element.name === "track")
        throw element.fault(`is a track, so this is CVAT's format for videos; export as "CVAT for images 1.1"`);
    }
  }
  const empty = images.filter(({ marks }) => marks.length === 0).length;
  const note = empty === 0 ? [] : [`${empty} images without any shape count as images without cells`];
  return { images, notes: [...note, ...skipped.notes()] };
}

function readImage(image: XmlElement, skipped: SkippedKinds): SourceImage {
  const [width, height] = [image.number("width", 0), image.number("height", 0)];
  return {
    name: image.attribute("name"),
    marks: image.children.flatMap((shape) => marksOf(shape, skipped)),
    file: image.file,
    line: image.line,
    ...(width > 0 && height > 0 ? { size: { width, height } } : {}),
    ...(image.find("subset")?.toLowerCase() === "test" ? { split: "test" } : {}),
  };
}

function marksOf(shape: XmlElement, skipped: SkippedKinds): Mark[] {
  const places = placesOf(shape);
  if (places === null) {
    skipped.add(shape.name);
    return [];
  }
  const { file, line } = shape;
  const label = shape.attribute("label");
  const region = shape.children.find((child) => child.name === "attribute" && child.find("name") === "region")?.text;
  return places.map((place) => {
    return { place, label, ...(region === "complete" || region === "ignore" ? { region } : {}), file, line };
  });
}

/** Null for shapes that are not marks. */
function placesOf(shape: XmlElement): Place[] | null {
  switch (shape.name) {
    case "points": {
      return pointsOf(shape).map(([x, y]) => ({ kind: "point", x, y }));
    }
    case "polygon": {
      return [{ kind: "outline", rings: [pointsOf(shape).flat()] }];
    }
    case "box": {
      const [x1, y1, x2, y2] = ["xtl", "ytl", "xbr", "ybr"].map((side) => shape.number(side));
      const degrees = shape.number("rotation", 0);
      if (degrees === 0) return [{ kind: "box", box: [x1, y1, x2, y2] }];
      const ring = rotateRing(rectangleRing(x1, y1, x2, y2), { x: (x1 + x2) / 2, y: (y1 + y2) / 2, degrees });
      return [{ kind: "outline", rings: [ring] }];
    }
    case "ellipse": {
      const [x, y, rx, ry] = ["cx", "cy", "rx", "ry"].map((name) => shape.number(name));
      return [{ kind: "outline", rings: [ellipseRing({ x, y, rx, ry, degrees: shape.number("rotation", 0) })] }];
    }
    default: {
      return null;
    }
  }
}

/** "x,y;x,y" */
function pointsOf(shape: XmlElement): [number, number][] {
  return shape
    .attribute("points")
    .split(";")
    .map((pair) => {
      const [x, y, ...more] = pair.split(",").map(decimal);
      if (more.length > 0 || !Number.isFinite(x) || !Number.isFinite(y))
        throw shape.fault(`points: expected "x,y", got "${pair}"; correct it`);
      return [x, y];
    });
}
