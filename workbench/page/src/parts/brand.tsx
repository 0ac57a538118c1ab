// The head of every page: whose it is, what is open, and its colours.

import { type Theme, theme } from "../state/theme.ts";
import { Icon } from "./icons.tsx";

export function Brand({ path }: { path: string }) {
  return (
    <p class="brand">
      <span class="mark" aria-hidden="true" />
      <span class="word">sparsecell</span>
      <span class="project" title={path}>
        {path.split(/[/\\]/).filter(Boolean).at(-1)}
      </span>
    </p>
  );
}

const themes: readonly Theme[] = ["system", "light", "dark"];

export function ThemeSwitch() {
  const now = theme.value;
  const next = themes[(themes.indexOf(now) + 1) % themes.length];
  const words = { system: "as the system", light: "light", dark: "dark" };
  return (
    <button
      type="button"
      class="tool"
      title={`Colours: ${words[now]}; click for ${words[next]}`}
      aria-label={`Colours: ${words[now]}; change to ${words[next]}`}
      onClick={() => {
        theme.value = next;
      }}
    >
      <Icon name={now} />
    </button>
  );
}
