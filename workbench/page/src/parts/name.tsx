// The name of an image in one line. Where it is too long it is cut in its middle, because names often differ at their end alone.

import { startAndEnd } from "./format.ts";

export function Name({ name }: { name: string }) {
  const [start, end] = startAndEnd(name);
  return (
    <span class="name cut">
      <span class="unseen">{name}</span>
      <span aria-hidden="true">{start}</span>
      <span aria-hidden="true">{end}</span>
    </span>
  );
}
