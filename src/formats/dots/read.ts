// One PNG per image that marks the cells on black: NAME_dots.png, NAMEdots.png or NAME.png for the image NAME; also 001dots.png
// for 001cell.png, as in the VGG cells (https://www.robots.ox.ac.uk/~vgg/research/counting). Pixels that touch, even at a corner,
// are one cell, whose position is the mean of their centres. In a grey image every value above 0 is marked, also of 16 bits; in
// colour, as in readImage, transparency is white and therefore marked.

import { basename, dirname, join, resolve } from "node:path";
import { headerOf, imageKind } from "../../data/decoder.ts";
import { type ImageSize, type RgbImage, readImage } from "../../data/image-file.ts";
import { type Labels, readLabels } from "../../data/labels.ts";
import { UserError } from "../../errors.ts";
import { FileNameIndex, withoutExtension } from "../../files/file-name-index.ts";
import { filesBelow } from "../../files/files-below.ts";
import { findImages } from "../../files/image-folder.ts";
import { findAreas } from "../label-masks/areas.ts";
import type { Source, SourceOptions } from "../source.ts";

/**
 * Reads the PNG files in the folder `annotations`; if some names end with "dots", only those. If all files together have several
 * colours, the label of a mark is its colour as #rrggbb; white and greys count as one colour, "#ffffff". A file without marks means
 * that its image has no cells. Throws a UserError with the file when it cannot be read, when more than half of its pixels are
 * marked, and when a mark has more than 100000 pixels; also on more than 16 colours, on a mask with a number for each cell, and when there are no files but the images.
 */
export async function readDots({ images: folder, annotations }: SourceOptions): Promise<Source> {
  const files = markFiles(folder, annotations);
  const index = new FileNameIndex(
    findImages(folder).filter((path) => !DOTS.test(withoutExtension(path))),
    (path) => path,
  );
  const read: { file: string; name: string; size: ImageSize; dots: readonly Dot[] }[] = [];
  for (const path of files) {
    const file = join(annotations, path);
    const image = await readMarks(file);
    const { width, height } = image;
    read.push({ file, name: imageName(path, index), size: { width, height }, dots: findDots(file, image) });
  }
  const colours = new Set(read.flatMap(({ dots }) => dots.map(({ colour }) => colour)));
  if (colours.size > MOST_COLOURS)
    throw new UserError(
      `${annotations}: the marks have ${colours.size} colours, at most ${MOST_COLOURS} are allowed; use one colour per kind of mark`,
    );
  return {
    images: read.map(({ file, name, size, dots }) => ({
      name,
      marks: dots.map(({ x, y, colour }) => {
        return { place: { kind: "point", x, y }, label: colours.size > 1 ? colour : null, file, line: 0 };
      }),
      file,
      line: 0,
      size,
    })),
    notes: colours.size > 1 ? [`labels are the colours of the marks: ${[...colours].sort().join(", ")}`] : [],
  };
}

const DOTS = /(?<=[^/_-])[_-]*dots$/i;
const MOST_COLOURS = 16;
const LARGEST_MARK = 100_000; // pixels

function markFiles(images: string, annotations: string): string[] {
  const files = filesBelow(annotations, { extensions: [".png"], noun: "annotations" });
  if (files.length === 0) {
    const [tiff] = filesBelow(annotations, { extensions: [".tif", ".tiff"], noun: "annotations" });
    if (tiff !== undefined)
      throw new UserError(
        `${join(annotations, tiff)}: is a TIFF file, and marks are PNG files; pass --format label-masks if it has a number for each cell, or save it as PNG`,
      );
    throw new UserError(`${annotations}: has no PNG file; pass the folder of the marks`);
  }
  const named = files.filter((path) => DOTS.test(withoutExtension(path)));
  if (named.length === 0 && resolve(images) === resolve(annotations))
    throw new UserError(`${annotations}: has no file like NAME_dots.png; rename the marks or move them to a separate folder`);
  return named.length > 0 ? named : files;
}

/** The name of the image that a file of marks belongs to. When there is no such image, the importer refuses the name. */
function imageName(path: string, index: FileNameIndex<string>): string {
  const name = join(dirname(path), basename(withoutExtension(path)).replace(DOTS, "")).replaceAll("\\", "/");
  for (const variant of [name, `${name}cell`, `${name}_cell`]) if (index.find(variant).length > 0) return variant;
  return name;
}

/** The marks in colour. A grey image is read exactly: rounded to 8 bits, small numbers of 16 would become background. */
async function readMarks(file: string): Promise<RgbImage> {
  imageKind(file); // throws on what is no picture, pipes among them
  const header = await headerOf(file);
  if (header.channels === 1 && !header.isPalette) return white(file, await readLabels(file));
  if (header.depth !== "uchar")
    throw new UserError(`${file}: has colours of 16 bits, of which dark marks would be lost; save the marks with 8 bits`);
  const image = await readImage(file);
  const { width, height, data } = image;
  const labels = new Uint32Array(width * height);
  for (let i = 0; i < labels.length; i++) {
    if (data[3 * i] !== data[3 * i + 1] || data[3 * i] !== data[3 * i + 2]) return image;
    labels[i] = data[3 * i];
  }
  return white(file, { width, height, data: labels });
}

const [DOT, LEAST_NUMBERS, MOST_AREAS] = [16, 2, 100_000]; // pixels; numbers; areas

/** Every value above 0 as white. Throws a UserError on numbers that each have one area larger than a dot: those are cells. */
function white(file: string, labels: Labels): RgbImage {
  if (labels.unlabelled)
    throw new UserError(
      `${file}: has the value -1, expected 0 beside the marks; pass --format label-masks if it is a label mask`,
    );
  const areas = findAreas(labels, MOST_AREAS) ?? [];
  const numbers = new Set(areas.map(({ label }) => label));
  const pixels = areas.reduce((sum, area) => sum + area.pixels, 0);
  if (numbers.size >= LEAST_NUMBERS && areas.length < 1.5 * numbers.size && pixels > DOT * areas.length)
    throw new UserError(
      `${file}: is a mask with a number for each cell (${numbers.size} numbers), in which cells that touch would become one dot; pass --format label-masks`,
    );
  const data = new Uint8Array(3 * labels.data.length);
  labels.data.forEach((label, i) => {
    if (label !== 0) data.fill(255, 3 * i, 3 * i + 3);
  });
  return { width: labels.width, height: labels.height, data };
}

interface Dot {
  readonly x: number;
  readonly y: number;
  /** The most frequent colour of its pixels. */
  readonly colour: string;
}

/** The marks on `image`, from top to bottom. */
function findDots(file: string, { width, height, data }: RgbImage): Dot[] {
  const colours = Uint32Array.from(
    { length: width * height },
    (_, i) => (data[3 * i] << 16) | (data[3 * i + 1] << 8) | data[3 * i + 2],
  );
  const marked = colours.reduce((sum, colour) => sum + (colour === 0 ? 0 : 1), 0);
  if (marked > colours.length / 2)
    throw new UserError(
      `${file}: ${Math.round((100 * marked) / colours.length)} % of its pixels are marked; it may be a photograph or have a bright background; draw marks on black`,
    );
  const dots: Dot[] = [];
  for (let start = 0; start < colours.length; start++) {
    if (colours[start] !== 0) dots.push(takeDot(file, colours, { start, width, height }));
  }
  return dots;
}

/** The mark that contains the pixel `start`. Its pixels are blackened, so that it is found only once. */
function takeDot(
  file: string,
  colours: Uint32Array,
  { start, width, height }: { start: number; width: number; height: number },
): Dot {
  const frequency = new Map<string, number>();
  const open = [start];
  let [count, sumX, sumY] = [0, 0, 0];
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    if (colours[pixel] === 0) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const colour = shownColour(colours[pixel]);
    frequency.set(colour, (frequency.get(colour) ?? 0) + 1);
    colours[pixel] = 0;
    if (++count > LARGEST_MARK)
      throw new UserError(
        `${file}: has a mark of more than ${LARGEST_MARK} pixels around (${start % width}, ${Math.floor(start / width)}); redraw it as a dot`,
      );
    sumX += x + 0.5;
    sumY += y + 0.5;
    for (let nextY = Math.max(y - 1, 0); nextY <= Math.min(y + 1, height - 1); nextY++) {
      for (let nextX = Math.max(x - 1, 0); nextX <= Math.min(x + 1, width - 1); nextX++) {
        if (colours[nextY * width + nextX] !== 0) open.push(nextY * width + nextX);
      }
    }
  }
  const [colour] = [...frequency].reduce((best, next) => (next[1] > best[1] ? next : best));
  return { x: sumX / count, y: sumY / count, colour };
}

/** #rrggbb; "#ffffff" for a colour without hue. */
function shownColour(colour: number): string {
  const channels = [colour >> 16, (colour >> 8) & 255, colour & 255];
  const grey = Math.max(...channels) - Math.min(...channels) < 64;
  return grey ? "#ffffff" : `#${colour.toString(16).padStart(6, "0")}`;
}
