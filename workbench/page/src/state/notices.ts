// What goes wrong, for people: shown until somebody closes it. And short words for those who listen to the page.

import { signal } from "@preact/signals";

export interface Notice {
  readonly id: number;
  readonly text: string;
}

export const notices = signal<readonly Notice[]>([]);

/** Said by a screen reader. */
export const spoken = signal("");

let count = 0;

export function complain(text: string): void {
  if (notices.value.some((notice) => notice.text === text)) return;
  notices.value = [...notices.value, { id: ++count, text }];
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function say(text: string): void {
  spoken.value = text;
}

/** Runs something that may fail; the failure is shown. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return null;
  }
}
