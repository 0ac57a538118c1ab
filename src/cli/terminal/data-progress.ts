// A progress line for work that goes image by image; it appears with the first image and goes when the work ends.

import { createProgress, type Progress } from "./progress.ts";

/** Runs `work` under a line on stderr that begins with `label`. */
export async function withProgress<T>(
  label: string,
  work: (onImage: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let progress: Progress | undefined;
  try {
    return await work((done, total) => {
      progress ??= createProgress({ label, total, unit: "image" });
      progress.update(done);
    });
  } finally {
    progress?.finish();
  }
}
