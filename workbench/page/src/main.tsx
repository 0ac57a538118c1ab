// Starts the page.

import { render } from "preact";
import { App } from "./app.tsx";
import { onKeyDown, onKeyUp } from "./keys.ts";
import { complain } from "./state/notices.ts";
import { images, openProject, stateOf } from "./state/project.ts";
import { searchedRounds, followTheme, imageId } from "./state/view.ts";
import { refill } from "./state/queue.ts";
import { Notices } from "./panels/notices.tsx";

followTheme();
addEventListener("keydown", onKeyDown);
addEventListener("keyup", onKeyUp);
const place = document.getElementById("app")!;
try {
  await openProject();
  imageId.value = (images.value.find(({ id }) => stateOf(id) === "marking") ?? images.value[0])?.id ?? null;
  render(<App />, place);
  if (searchedRounds.value.length > 0) void refill();
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  render(<Notices />, place);
}
