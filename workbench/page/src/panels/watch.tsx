// A run or a grid that somebody watches: curves, pictures and tables while it trains, and its report.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Curves, Watch, WatchedTraining, WindowPicture } from "../../../src/api.ts";
import { Brand, ThemeSwitch } from "../parts/brand.tsx";
import { Chart } from "../parts/chart.tsx";
import { decimals, duration, percent, whole } from "../parts/format.ts";
import { Windows } from "../parts/windows.tsx";
import { attempt, complain } from "../state/notices.ts";
import { connected } from "../state/project.ts";
import { getJson } from "../state/server.ts";
import { Notices } from "./notices.tsx";

const watch = signal<Watch | null>(null);
const seen = signal<{ readonly id: string; readonly curves: Curves; readonly pictures: readonly WindowPicture[] } | null>(null);
const chosen = signal<string | null>(null);

/** Reads what is watched, and listens from now on. */
export async function openWatch(): Promise<void> {
  watch.value = await getJson<Watch>("/watch");
  const source = new EventSource("/api/v1/events");
  source.addEventListener("watch", (event) => {
    const { trainings } = JSON.parse((event as MessageEvent<string>).data);
    void read();
    if (shown() && trainings.includes(shown()!.id)) void look(shown()!.id);
  });
  source.addEventListener("problem", (event) => complain(JSON.parse((event as MessageEvent<string>).data).message));
  source.onopen = () => {
    connected.value = true;
    void read();
  };
  source.onerror = () => {
    connected.value = false;
  };
}

const read = () =>
  attempt(async () => {
    watch.value = await getJson<Watch>("/watch");
  });

const folderOf = (id: string) => `/watch/trainings/${encodeURIComponent(id)}`;

const look = (id: string) =>
  attempt(async () => {
    const [curves, pictures] = await Promise.all([
      getJson<Curves>(`${folderOf(id)}/curves`),
      getJson<WindowPicture[]>(`${folderOf(id)}/pictures`),
    ]);
    if (shown()?.id === id) seen.value = { id, curves, pictures };
  });

/** The chosen training, else the one at work, else the last. */
function shown(): WatchedTraining | null {
  const all = watch.value?.trainings ?? [];
  return all.find(({ id }) => id === chosen.value) ?? all.find(({ phase }) => phase === "training") ?? all.at(-1) ?? null;
}

const phases = { waiting: "Waiting", training: "Training", stopped: "Stopped", finished: "Finished", failed: "Failed" };

function Training({ training }: { training: WatchedTraining }) {
  const { id, name, phase, step, steps, secondsLeft, error } = training;
  useEffect(() => void look(id), [id]);
  const known = seen.value?.id === id ? seen.value : null;
  return (
    <section class="card" aria-labelledby="training-title">
      <h2 id="training-title">
        {name} <span class={`phase ${phase === "finished" ? "done" : phase}`}>{phases[phase]}</span>
      </h2>
      <progress aria-label="Progress of the training" max={steps || 1} value={step} />
      <p class="note">
        step {whole(step)} of {whole(steps)}
        {secondsLeft !== null && `, ${duration(secondsLeft)} left`}
      </p>
      {error && <p class="error">{error}</p>}
      <div class="charts">
        <Chart
          title="Loss"
          lines={[{ name: "now", points: (known?.curves.loss ?? []).map(({ step: at, loss }) => [at, loss]), look: "first" }]}
          format={decimals}
        />
        <Chart
          title="Held-out cells found"
          lines={[
            { name: "now", points: (known?.curves.heldOut ?? []).map(({ step: at, recall }) => [at, recall]), look: "second" },
          ]}
          range={[0, 1]}
          format={percent}
          dots
        />
      </div>
      {known && known.pictures.length > 0 && <Windows pictures={known.pictures} folder={`/api/v1${folderOf(id)}/pictures`} />}
    </section>
  );
}

function List({ trainings }: { trainings: readonly WatchedTraining[] }) {
  return (
    <nav class="images" aria-label="Trainings">
      <ul>
        {trainings.map(({ id, name, phase, step, steps }) => (
          <li key={id}>
            <button
              type="button"
              class="image"
              title={name}
              aria-current={shown()?.id === id ? "true" : undefined}
              onClick={() => {
                chosen.value = id;
              }}
            >
              <span class="about">
                <span class="name">{name}</span>
                <span>
                  {phases[phase]}
                  {phase === "training" && `, ${percent(step / (steps || 1))}`}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function WatchPage() {
  const now = watch.value;
  const training = shown();
  if (!now) return null;
  const { kind, title, path, trainings, settings, plan, tables, report } = now;
  return (
    <div class={trainings.length > 1 ? "page watched many" : "page watched"}>
      <header class="toolbar">
        <Brand path={path} />
        <div class="group end">
          {report && (
            <a class="secondary" href="/api/v1/watch/report" target="_blank" rel="noreferrer">
              Report of what is finished
            </a>
          )}
          <ThemeSwitch />
        </div>
      </header>
      {trainings.length > 1 && <List trainings={trainings} />}
      <main class="watch">
        <h1>
          {title} <span class="note">{kind === "grid" ? "grid of trainings" : "run"}</span>
        </h1>
        {training && <Training training={training} />}
        {tables.map((table) => (
          <section class="card" key={table.title} aria-label={table.title}>
            <h2>{table.title}</h2>
            <table class="numbers">
              <thead>
                <tr>
                  {table.head.map((cell) => (
                    <th key={cell} scope="col">
                      {cell}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {table.rows.map(([first, ...rest], i) => (
                  <tr key={i}>
                    <th scope="row">{first}</th>
                    {rest.map((cell, at) => (
                      <td key={at}>{cell}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ))}
        <section class="card" aria-labelledby="settings-title">
          <h2 id="settings-title">Settings</h2>
          <dl class="settings">
            {settings.map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            {plan.map(({ what, chosen: value, reason }) => (
              <div key={what} title={reason}>
                <dt>{what}</dt>
                <dd>
                  {value} <span class="note">{reason}</span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </main>
      <Notices />
    </div>
  );
}
