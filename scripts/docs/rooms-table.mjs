// The table of rooms in docs/background/architecture.md.

import { rooms } from "../rooms.mjs";
import { code, table } from "./markdown.mjs";

export function roomsTable() {
  const rows = rooms.map(({ name, plain, what }) => [code(`src/${name}/`), plain ? "plain numbers" : "tensors", what]);
  return table(["room, bottom-up", "works on", "what is in it"], rows);
}
