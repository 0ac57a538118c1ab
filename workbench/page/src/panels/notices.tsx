// What is wrong, in plain sight; and what is only said.

import { plural } from "../parts/format.ts";
import { Icon } from "../parts/icons.tsx";
import { dismiss, notices, spoken } from "../state/notices.ts";
import { connected, ledger, save, saveProblem, unsaved } from "../state/project.ts";

/** Unsaved actions as a file, for the day on which the server never comes back. */
function keepUnsaved(): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([
      JSON.stringify(
        ledger.pending.map(({ action }) => action),
        null,
        1,
      ),
    ]),
  );
  link.download = "unsaved-actions.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

export function Notices() {
  const problem = saveProblem.value;
  return (
    <section class="notices" aria-label="Notices">
      {problem && (
        <div class="notice bad" role="alert">
          <Icon name="warning" />
          <p>
            <b>{plural(unsaved.value, "change")} not saved:</b> {problem}. It is tried again until it succeeds; keep this page
            open.
          </p>
          <button type="button" class="quiet" onClick={save}>
            Try now
          </button>
          <button type="button" class="quiet" onClick={keepUnsaved}>
            Keep as a file
          </button>
        </div>
      )}
      {!problem && !connected.value && (
        <div class="notice" role="status">
          <Icon name="warning" />
          <p>The server does not answer. What you do is kept and saved when it is back.</p>
        </div>
      )}
      {notices.value.map(({ id, text }) => (
        <div key={id} class="notice" role="alert">
          <Icon name="warning" />
          <p>{text}</p>
          <button type="button" class="tool" aria-label="Close" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  );
}

export function Spoken() {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {spoken.value}
    </p>
  );
}
