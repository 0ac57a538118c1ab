// A progress line for work that goes image by image, or window by window; it appears with the first and goes when the work ends.

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
    });
  } finally {
    progress?.finish();
  }
}
