// A progress line for work that goes image by image, or window by window: it appears with the first, and ends with the last or with
// the work.

import { createProgress, type Progress } from "./progress.ts";

/** Runs `work` under a line on stderr that begins with `label`. */
export async function withProgress<T>(
  label: string,
  work: (onImage: (done: number, total: number) => void) => Promise<T>,
  unit = "image",
): Promise<T> {
  let progress: Progress | undefined;
  try {
    return await work((done, total) => {
      progress ??= createProgress({ label, total, unit });
      progress.update(done);
      if (done < total) return;
      progress.finish();
      progress = undefined;
    });
  } finally {
    progress?.finish();
  }
}
