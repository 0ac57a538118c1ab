// The colours of the page: the system's unless somebody chose.

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

export const theme = signal<Theme>((localStorage.getItem("sparsecell.theme") as Theme | null) ?? "system");

export function followTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === "system") delete root.dataset.theme;
    else root.dataset.theme = theme.value;
    localStorage.setItem("sparsecell.theme", theme.value);
  });
}
