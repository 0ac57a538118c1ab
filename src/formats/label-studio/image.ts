// The image's name in a task of Label Studio (https://labelstud.io/guide/tasks): a path, the address of a web server or bucket,
// "/data/local-files/?d=PATH", or "/data/upload/PROJECT/1a2b3c4d-NAME", where Label Studio has prefixed the file name with 8
// hexadecimal digits.

import { isObject } from "../../files/json/value.ts";
import type { ImageNames } from "../annotation-files.ts";
import type { JsonCursor } from "../json-cursor.ts";
import type { SourceImage } from "../source.ts";

/**
 * The name of the task's image and, where its 8 digits are not part of that, the name with them: from `data.image`, otherwise from the first text in `data` that looks like an image's name,
 * otherwise from `file_upload`. The 8 digits are kept if an image in the folder has them too. Throws a UserError with file and
 * line when there is no name.
 */
export function labelStudioImage(task: JsonCursor, names: ImageNames): Pick<SourceImage, "name" | "fullName"> {
  const data = task.at("data");
  if (!isObject(data.value)) throw data.fault('is missing; export the project as "JSON", not as "JSON-MIN" or another format');
  const { image } = data.value;
  const texts = [image, ...Object.values(data.value), task.at("file_upload").value];
  const first = texts.find(
    (text): text is string => typeof text === "string" && !text.startsWith("data:") && (IMAGE.test(text) || text === image),
  );
  if (!first) throw data.fault("has no path or address of an image; add one");
  const name = pathOf(first);
  const uploaded = name.replace(/(^|\/)[0-9a-f]{8}-(?=[^/]+$)/, "$1");
  return { name: names.find(name, uploaded) ?? uploaded, ...(name === uploaded ? {} : { fullName: name }) };
}

const IMAGE = /\.(?:png|jpe?g|tiff?)(?=$|[?#&])/i;

function pathOf(address: string): string {
  const local = /\/local-files\/?\?(?:.*&)?d=([^&#]*)/.exec(address)?.[1];
  if (local !== undefined) return decoded(local);
  const remote = /^[a-z][a-z0-9+.-]+:\/\/[^/]*\/([^?#]*)/i.exec(address)?.[1];
  if (remote !== undefined) return decoded(remote);
  return /^\/data\//.test(address) ? decoded(address.replace(/[?#].*$/, "")) : address;
}

/** Percent-decoded; unchanged when a % is not an escape. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
