// Starts the page of a run or a grid that is watched.

import { render } from "preact";
import { Notices } from "./panels/notices.tsx";
import { openWatch, WatchPage } from "./panels/watch.tsx";
import { complain } from "./state/notices.ts";
import { followTheme } from "./state/theme.ts";

followTheme();
const place = document.getElementById("app")!;
try {
  await openWatch();
  place.replaceChildren();
  render(<WatchPage />, place);
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  place.replaceChildren();
  render(<Notices />, place);
}
