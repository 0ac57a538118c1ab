// Paths as the page calls things: what lies in the project's folder by its place there, an image by its name. All others stay whole.

import type { Project } from "../../../src/api.ts";

const BEFORE = "(?<![^\\s\"'`=(,;:])"; // what may stand in front of a path
const AFTER = "(?![\\w.-])"; // and what may not follow on one

export function withLocalPaths(text: string, { path, folder }: Pick<Project, "path" | "folder">): string {
  const within = (place: string) => new RegExp(`${BEFORE}${escaped(place)}[/\\\\]`, "g");
  const name = path.split(/[/\\]/).at(-1) || path; // of a slide that was opened alone
  return text
    .replace(within(folder), "")
    .replace(within(path), "")
    .replace(new RegExp(`${BEFORE}${escaped(path)}${AFTER}`, "g"), () => name);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
