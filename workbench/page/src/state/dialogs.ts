// Dialogs over the page; the focus goes back to where it was.

import { dialog } from "./view.ts";

let before: Element | null = null;

export function openDialog(which: NonNullable<typeof dialog.value>): void {
  before = document.activeElement;
  dialog.value = which;
}

export function closeDialog(): void {
  dialog.value = null;
  if (before instanceof HTMLElement) before.focus();
}
