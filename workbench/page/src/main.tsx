// Starts the page of a project.

import { render } from "preact";
import { App } from "./app.tsx";
import { onKeyDown, onKeyUp } from "./keys.ts";
import { Notices } from "./panels/notices.tsx";
import { loadAllDetections } from "./state/detections.ts";
import { complain } from "./state/notices.ts";
import { images, loadAllMarks, loadMarks, openProject, stateOf } from "./state/project.ts";
import { refill } from "./state/queue.ts";
import { followTheme } from "./state/theme.ts";
import { imageId, shownRound } from "./state/view.ts";

followTheme();
addEventListener("keydown", onKeyDown);
addEventListener("keyup", onKeyUp);
const place = document.getElementById("app")!;

try {
  await openProject();
  imageId.value = (images.value.find(({ id }) => stateOf(id) === "marking") ?? images.value[0])?.id ?? null;
  place.replaceChildren();
  render(<App />, place);
  await loadMarks(imageId.value ?? "");
  void loadAllMarks();
  const round = shownRound.value;
  if (round) {
    void refill();
    void loadAllDetections(round.number);
  }
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  place.replaceChildren();
  render(<Notices />, place);
}
