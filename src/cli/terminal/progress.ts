// Progress of a long job on stderr. On a terminal one line, redrawn; anywhere else (a log file, CI) plain lines now and then.
// Speed is that of the last 30 s or 16 updates, whichever is longer, from the first update on: a slow first step (warm-up)
// or a pause for a checkpoint leaves the estimate again. Nothing runs between updates: no timer keeps the process alive.

export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in characters; read at every drawing, so that it follows a resize. */
  readonly columns?: number;
}

export interface ProgressOptions {
  readonly label: string;
  /** How many steps make the whole job. */
  readonly total: number;
  /** What is counted, in the singular; "step" by default. */
  readonly unit?: string;
  readonly stream?: ProgressStream;
  /** Milliseconds from any fixed moment. */
  readonly clock?: () => number;
}

export interface Progress {
  /** `done` steps are done; `fields` are shown as "name value", the most important first. */
  update(done: number, fields?: Readonly<Record<string, string>>): void;
  /** Prints a line above the bar. */
  log(line: string): void;
  /** Ends the display with one last line: `summary`, or what was done in what time. Later calls change nothing. */
  finish(summary?: string): void;
}

const REDRAW_MS = 100;
const PLAIN_EVERY_MS = 30_000;
const PLAIN_AT_LEAST_MS = 1_000;
const ERASE_LINE = "\r\x1b[K";

export function createProgress(options: ProgressOptions): Progress {
  const { label, total, unit = "step", stream = process.stderr, clock = () => performance.now() } = options;
  const live = stream.isTTY === true && process.env.TERM !== "dumb";
  const started = clock();
  const meter = createSpeedMeter();
  let done = 0;
  let fields: Readonly<Record<string, string>> = {};
  let shownAt = -Infinity;
  let shownTenth = -1;
  let finished = false;

  const parts = (): LineParts => {
    const stepsPerSecond = meter.stepsPerSecond();
    const remaining = total - done;
    return {
      label,
      done,
      total,
      fields: Object.entries(fields).map(([name, value]) => `${name} ${value}`),
      speed: stepsPerSecond === null ? "" : formatSpeed(stepsPerSecond, unit),
      left: stepsPerSecond === null || remaining <= 0 ? "" : `${formatDuration(remaining / stepsPerSecond)} left`,
    };
  };
  const draw = () => stream.write(ERASE_LINE + progressLine(parts(), (stream.columns || 80) - 1));

  return {
    update(newDone, newFields = {}) {
      if (finished) return;
      const now = clock();
      done = newDone;
      fields = newFields;
      meter.add(now, done);
      const wait = now - shownAt;
      const tenth = Math.floor((10 * done) / total);
      if (live) {
        if (wait < REDRAW_MS && done < total) return;
        draw();
      } else {
        if (wait < PLAIN_EVERY_MS && (tenth === shownTenth || wait < PLAIN_AT_LEAST_MS) && done < total) return;
        stream.write(`${plainLine(parts())}\n`);
      }
      shownAt = now;
      shownTenth = tenth;
    },
    log(line) {
      stream.write(live && !finished ? `${ERASE_LINE}${line}\n` : `${line}\n`);
      if (live && !finished && shownAt > -Infinity) draw();
    },
    finish(summary = `${oneLine(label)}: ${done} of ${total} ${plural(unit)} in ${formatDuration((clock() - started) / 1000)}`) {
      if (finished) return;
      finished = true;
      stream.write(`${live ? ERASE_LINE : ""}${summary}\n`);
    },
  };
}

interface LineParts {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly fields: readonly string[];
  readonly speed: string;
  readonly left: string;
}

/** One line of at most `columns` characters; what does not fit goes in this order: bar, speed, last fields, label. */
function progressLine({ label, done, total, fields, speed, left }: LineParts, columns: number): string {
  const count = `${String(done).padStart(String(total).length)}/${total}`;
  const line = (...pieces: string[]) => oneLine(pieces.filter(Boolean).join("  "));
  const fits = (text: string) => [...text].length <= columns;

  const full = line(label, count, ...fields, speed, left);
  const room = Math.min(40, columns - [...full].length - 2);
  if (room >= 6) return line(label, bar(done / total, room), count, ...fields, speed, left);
  const shorter = [full, ...fields.map((_, i) => line(label, count, ...fields.slice(0, fields.length - i), left))];
  return (
    [...shorter, line(label, count, left), line(count, left)].find(fits) ?? [...count].slice(0, Math.max(0, columns)).join("")
  );
}

function plainLine({ label, done, total, fields, speed, left }: LineParts): string {
  const percent = `(${Math.floor((100 * done) / Math.max(1, total))} %)`;
  return oneLine([`${label} ${done}/${total} ${percent}`, ...fields, speed, left].filter(Boolean).join("  "));
}

function bar(fraction: number, length: number): string {
  const filled = Math.round(length * Math.min(1, Math.max(0, fraction || 0)));
  return "━".repeat(filled) + "─".repeat(length - filled);
}

/** Labels and fields may hold file names: a control character would break the line or drive the terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}/gu, "?");

const plural = (unit: string): string => `${unit}s`;

function formatSpeed(stepsPerSecond: number, unit: string): string {
  if (stepsPerSecond >= 1) return `${stepsPerSecond.toFixed(stepsPerSecond < 100 ? 1 : 0)} ${plural(unit)}/s`;
  return `${(1 / stepsPerSecond).toFixed(stepsPerSecond > 0.1 ? 2 : 1)} s/${unit}`;
}

/** Seconds as m:ss, or h:mm:ss from an hour on. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const WINDOW_MS = 30_000;
const WINDOW_UPDATES = 16;
const SAMPLE_MS = 250;

/** Steps per second over a window that ends with the newest update; null until two updates at different times are known. */
function createSpeedMeter() {
  let samples: { time: number; done: number }[] = [];
  let newest: { time: number; done: number } | undefined;
  return {
    add(time: number, done: number): void {
      if (newest && done < newest.done) samples = []; // a new round began
      newest = { time, done };
      const last = samples.at(-1);
      if (last && time - last.time < SAMPLE_MS) return; // keeps the window short when steps are quick
      samples.push(newest);
      while (samples.length > WINDOW_UPDATES + 1 && samples[1].time <= time - WINDOW_MS) samples.shift();
    },
    stepsPerSecond(): number | null {
      const oldest = samples[0];
      if (!newest || !oldest || newest.time <= oldest.time || newest.done <= oldest.done) return null;
      return (1000 * (newest.done - oldest.done)) / (newest.time - oldest.time);
    },
  };
}
