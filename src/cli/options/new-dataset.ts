import { requireNoDataset } from "../../data/dataset-folder.ts";
import { lockFolder } from "../../files/folder-lock.ts";

/** Runs `make`, which makes a dataset in `dir`. Throws a UserError when it holds one, or another command is making one there. */
export async function inNewDataset<T>(dir: string, make: () => Promise<T>): Promise<T> {
  requireNoDataset(dir);
  const release = lockFolder(dir);
  try {
    return await make();
  } finally {
    release();
  }
}
