// A QuPath project (0.2 to 0.7): project.qpproj lists the images, each with the way to its pixels. The objects are in Java's
// serialisation, which is not read: the script qupath/export-annotations.groovy writes them to sparsecell/ID.geojson in the project's
// folder, ID being the image's `entryID`.

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { believable } from "../../slides/microns.ts";
import type { ImageNames } from "../annotation-files.ts";
import { JsonCursor } from "../json-cursor.ts";
import type { SourceImage } from "../source.ts";

/** The project file that `path` is or that the folder `path` holds; null when there is none. Throws a UserError when it holds several. */
export function findProject(path: string): string | null {
  if (/\.qpproj$/i.test(path)) return path;
  if (!existsSync(path) || !statSync(path).isDirectory()) return null;
  const [first, ...more] = readdirSync(path)
    .filter((name) => /^[^.].*\.qpproj$/i.test(name))
    .sort();
  if (more.length > 0) throw new UserError(`${path}: has several projects, ${[first, ...more].join(" and ")}; pass one of them`);
  return first === undefined ? null : join(path, first);
}

const SCRIPT = "qupath/export-annotations.groovy";

/**
 * The images of a project, with what `readMarks` reads of their exports. Throws a UserError with file and line on an image that
 * is not exported, that is rotated, cropped or put together from others, or that is not a file, and on two images of one file.
 */
export function readProject(
  file: string,
  names: ImageNames,
  readMarks: (file: string) => Pick<SourceImage, "marks" | "unread" | "faulty" | "unlabelled">,
): { images: SourceImage[]; notes: string[] } {
  const root = JsonCursor.ofFile(file);
  const entries = root.at("images").items().map(entryOf);
  if (entries.length === 0) throw new UserError(`${file}: has no images; add them in QuPath`);
  requireSeparate(entries, names);
  const exports = join(dirname(file), "sparsecell");
  const exportOf = ({ id }: Entry): string => join(exports, `${id}.geojson`);
  const missing = entries.filter((entry) => !existsSync(exportOf(entry)));
  if (missing.length > 0)
    throw new UserError(
      `${file}: ${missing.length} of ${entries.length} images are not exported, for instance "${missing[0].title}"; run ${SCRIPT} in QuPath with "Run for project"`,
    );
  const bare: string[] = [];
  const images = entries.map(({ at, path, size, mpp, ...entry }): SourceImage => {
    const marks = readMarks(exportOf({ at, path, ...entry }));
    const isBare = marks.marks.length + (marks.unread?.length ?? 0) + (marks.faulty ?? 0) === 0;
    if (isBare) bare.push(entry.title);
    return {
      name: path,
      ...marks,
      ...(isBare ? { unlabelled: true } : {}),
      ...(size && { size }),
      ...(mpp && { mpp }),
      file,
      line: at.place.line,
    };
  });
  return { images, notes: [...bareNote(bare), ...strays(exports, entries)] };
}

interface Entry {
  readonly at: JsonCursor;
  readonly id: string;
  /** As QuPath shows it. */
  readonly title: string;
  /** Of the image file, on the machine of the project. */
  readonly path: string;
  readonly size?: SourceImage["size"];
  readonly mpp?: number;
}

function entryOf(at: JsonCursor): Entry {
  const id = String(at.at("entryID").number());
  const title = at.at("imageName").exists ? at.at("imageName").text() : id;
  if (!at.at("serverBuilder").exists)
    throw at.fault(`"${title}" has no serverBuilder, as before QuPath 0.2; open the project in QuPath and save it`);
  let builder = at.at("serverBuilder");
  let metadata = builder.at("metadata");
  for (; builder.at("builderType").text() !== "uri"; builder = builder.at("builder")) {
    const type = builder.at("builderType").text();
    if (!SAME_PIXELS.has(type))
      throw builder.fault(
        `"${title}" is ${OTHER_PIXELS[type] ?? `made from its file by "${type}"`}, so its pixels are not those of a file; add the file itself to a project, or save the image as a file`,
      );
    if (!metadata.exists) metadata = builder.at("builder").at("metadata");
  }
  const path = pathOf(builder.at("uri").text());
  if (path === null)
    throw builder.at("uri").fault(`"${title}" is not a file; save the image as a file and add that to the project`);
  return { at, id, title, path, ...sizeOf(metadata), ...micronsOf(metadata) };
}

/** Types of a server that changes colours or adds smaller copies: a pixel stays where it is. */
const SAME_PIXELS: ReadonlySet<string> = new Set([
  "pyramidize",
  "channels",
  "color",
  "swapRedBlue",
  "color_deconvolved",
  "normalized",
  "typeConvert",
]);

const OTHER_PIXELS: { readonly [builderType: string]: string } = {
  rotated: "rotated",
  cropped: "cropped",
  flipped: "flipped",
  affine: "transformed",
  sparse: "put together from several regions",
};

/** Of a `file:` URI; null of another. */
function pathOf(uri: string): string | null {
  try {
    const { protocol, pathname } = new URL(uri);
    return protocol === "file:" ? decodeURIComponent(pathname) : null;
  } catch {
    return null;
  }
}

function sizeOf(metadata: JsonCursor): Pick<Entry, "size"> {
  const [width, height] = [metadata.at("width").value, metadata.at("height").value];
  return typeof width === "number" && typeof height === "number" ? { size: { width, height } } : {};
}

/** If they are given in µm, can be, and are the same for both sides: what the image says, or what the user set in QuPath. */
function micronsOf(metadata: JsonCursor): Pick<Entry, "mpp"> {
  const [width, height] = ["pixelWidth", "pixelHeight"].map((side) => {
    const length = metadata.at("pixelCalibration").at(side);
    return ["µm", "μm"].includes(length.at("unit").value as string) ? Number(length.at("value").value) : Number.NaN;
  });
  return believable(width) && Math.abs(width / height - 1) < 0.01 ? { mpp: (width + height) / 2 } : {};
}

/** The image files of all entries must differ: objects of two entries of one file may be of different images in it, or the same cells twice. */
function requireSeparate(entries: readonly Entry[], names: ImageNames): void {
  const entryOfFile = new Map<string, Entry>();
  for (const entry of entries) {
    const [path = entry.path] = names.paths(entry.path);
    const other = entryOfFile.get(path);
    if (other !== undefined)
      throw entry.at.fault(
        `"${other.title}" and "${entry.title}" are of one file, ${basename(path)}; remove one of them from the project`,
      );
    entryOfFile.set(path, entry);
  }
}

/** "Run for project" exports images that nobody has annotated, too: that they have no cells is not known. */
function bareNote([first, ...more]: readonly string[]): string[] {
  if (first === undefined) return [];
  const are =
    more.length === 0
      ? "1 image was exported without annotations and is"
      : `${1 + more.length} images were exported without annotations and are`;
  return [`${are} left out, for instance "${first}"; draw a complete region on an image without cells`];
}

/** Of images that are no longer in the project. */
function strays(folder: string, entries: readonly Entry[]): string[] {
  const known = new Set(entries.map(({ id }) => `${id}.geojson`));
  const files = readdirSync(folder).filter((name) => name.endsWith(".geojson") && !known.has(name));
  if (files.length === 0) return [];
  const [are, were] = files.length === 1 ? ["1 export is of an image", "was"] : [`${files.length} exports are of images`, "were"];
  return [`${are} not in the project and ${were} left out, for instance ${files[0]}`];
}
