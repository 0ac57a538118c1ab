// XML of "CVAT for images 1.1" (https://docs.cvat.ai/docs/other/xml_format): all images of a task or project with their shapes.

import { annotationFiles, ImageNames } from "../annotation-files.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Source, SourceImage, SourceOptions, UnreadMark } from "../source.ts";
import { readXml, type XmlElement } from "../xml-file.ts";
import { placesOf, unreadPlace } from "./shapes.ts";
import { SubsetFolders } from "./subset-folders.ts";

/**
 * Reads `annotations`, an XML file or a folder of them. A shape of points gives one or more points; boxes stay boxes; polygons,
 * ellipses and rotated boxes are outlines; a mask is the box around its pixels. Other shapes (polylines, skeletons, cuboids) and
 * masks whose run lengths do not fit their size are unread marks; tags are skipped and noted. A shape is a region when its
 * attribute "region" is "complete" or "ignore". An image of a project's subset is SUBSET/NAME where the folder has it (without a
 * subset: default/NAME), never a file of another subset, and the subset "Test" becomes the test split. Throws a UserError with file and line on invalid XML, missing attributes, invalid numbers,
 * and CVAT's format for videos.
 */
export function readCvat({ images: folder, annotations, ...options }: SourceOptions): Source {
  const names = new ImageNames(folder);
  const skipped = new SkippedKinds("shapes");
  const faulty = new FaultyMarks(options);
  const listed: ListedImage[] = [];
  for (const { file } of annotationFiles(annotations, [".xml"])) {
    for (const element of readXml(file, { root: "annotations", format: "the annotations.xml of CVAT" })) {
      if (element.name === "image") listed.push(readImage(element, { skipped, faulty }));
      if (element.name === "track")
        throw element.fault(`is a track, so this is CVAT's format for videos; export as "CVAT for images 1.1"`);
    }
  }
  const folders = new SubsetFolders(names, new Set(listed.flatMap(({ subset }) => subset ?? [])));
  const images = listed.map(({ subset, name, ...image }): SourceImage => {
    return {
      name: folders.nameOf(name, subset),
      ...(subset === undefined ? {} : { fullName: `${subset}/${name}` }),
      ...image,
    };
  });
  const empty = images.filter(
    ({ marks, unread, faulty: left }) => marks.length === 0 && unread === undefined && left === undefined,
  ).length;
  const note = empty === 0 ? [] : [`${empty} images without any shape count as images without cells`];
  return { images, notes: [...note, ...skipped.notes()], ...faulty.report() };
}

type ListedImage = SourceImage & { readonly subset?: string };

function readImage(
  image: XmlElement,
  { skipped, faulty }: { readonly skipped: SkippedKinds; readonly faulty: FaultyMarks },
): ListedImage {
  const [width, height] = [image.number("width", 0), image.number("height", 0)];
  const [name, id, subset] = [image.attribute("name"), image.find("id"), image.find("subset")];
  const marks: Mark[] = [];
  const unread: UnreadMark[] = [];
  let left = 0;
  for (const shape of image.children) if (faulty.isFaulty(() => readShape(shape))) left++;
  return {
    name,
    ...(subset ? { subset } : {}),
    ...(id ? { id } : {}),
    marks,
    ...(unread.length === 0 ? {} : { unread }),
    ...(left === 0 ? {} : { faulty: left }),
    file: image.file,
    line: image.line,
    ...(width > 0 && height > 0 ? { size: { width, height } } : {}),
    ...(subset?.toLowerCase() === "test" ? { split: "test" } : {}),
  };

  function readShape(shape: XmlElement): void {
    const { name: kind, file, line } = shape;
    if (kind === "tag" || kind === "attribute") {
      if (kind === "tag") skipped.add(kind);
      return;
    }
    const region = regionOf(shape);
    const places = placesOf(shape, region !== undefined);
    if (places === null) {
      const place = unreadPlace(shape);
      unread.push({ kind, file, line, ...(place === null ? {} : { place }) });
    }
    const label = places === null ? null : shape.attribute("label");
    for (const place of places ?? []) marks.push({ place, label, ...(region === undefined ? {} : { region }), file, line });
  }
}

function regionOf(shape: XmlElement): Mark["region"] {
  const text = shape.children.find((child) => child.name === "attribute" && child.find("name") === "region")?.text;
  return text === "complete" || text === "ignore" ? text : undefined;
}
