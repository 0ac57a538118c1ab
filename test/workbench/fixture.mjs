// What a training would give, without one: rounds, curves, detections and a queue, answered in the browser in place of the server.
// Everything else (images, marks, actions) comes from the real server.

const curves = {
  loss: Array.from({ length: 60 }, (_, i) => ({
    step: i * 5 + 5,
    loss: 0.35 + 1.6 * Math.exp(-i / 14) + 0.06 * Math.sin(i * 2.1),
  })),
  heldOut: [50, 100, 150, 200, 250, 300].map((step, i) => ({
    step,
    recall: 0.9 - 0.6 * Math.exp(-i / 1.5),
    measure: 0.5 + i / 20,
  })),
};

export function roundOf(number, changes = {}) {
  return {
    number,
    phase: "done",
    request: { budget: "90s", from: number > 1 ? number - 1 : null },
    started: "2026-01-05T09:30:00.000Z",
    finished: "2026-01-05T09:32:00.000Z",
    action: 12 * number,
    learned: { images: 2 + number, cells: 20 * number, negatives: 4 * (number - 1), regions: number },
    plan: [
      { what: "method", chosen: "completeness", reason: "few of the cells are marked" },
      { what: "backbone", chosen: "resnet18", reason: "a budget of 90 seconds on 2 cores" },
    ],
    step: 300,
    steps: 300,
    secondsLeft: null,
    searched: 6,
    error: null,
    heldOut: { marks: 8, found: 6 + (number > 1 ? 1 : 0), score: 0.4 },
    completeness: { part: 0.22 * number, low: 0.16 * number, high: 0.3 * number },
    ...changes,
  };
}

/** A repeatable sequence of numbers from 0 to 1. */
export function numbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Detections as bytes: `count` boxes of about `side` pixels. */
export function detectionBytes({ width, height }, count, seed, { side = 22, classes = 1 } = {}) {
  const random = numbers(seed);
  const values = new Float32Array(6 * count);
  for (let i = 0; i < count; i++) {
    const [x, y, half] = [random() * width, random() * height, (side / 2) * (0.7 + 0.6 * random())];
    values.set([x - half, y - half, x + half, y + half, random(), Math.floor(random() * classes)], 6 * i);
  }
  return Buffer.from(values.buffer);
}

export function suspectsOf(project, round, count) {
  const random = numbers(7);
  const reasons = [
    "Score 0.93, nothing marked within 30 px, on an image with 14 marks",
    "The round before did not find it; its neighbours are all marked",
    "As large as the marked cells, score close to the recommended one",
  ];
  return Array.from({ length: count }, (_, i) => {
    const image = project.images[Math.floor(i / 3) % project.images.length];
    const [x, y] = [30 + random() * (image.width - 60), 30 + random() * (image.height - 60)];
    return {
      id: `suspect${String(i).padStart(4, "0")}`,
      round,
      kind: "missing",
      image: image.id,
      box: [x - 11, y - 11, x + 11, y + 11],
      score: 0.95 - i * 0.04,
      classId: project.classes[0].id,
      reason: reasons[i % 3],
    };
  });
}

/**
 * Answers what belongs to rounds in a page of playwright. `rounds` is read at each request, so that a test can change it; the queue
 * leaves out what was answered, as the server does.
 */
export async function fakeRounds(page, { rounds, count = 300, queue = 12 }) {
  const json = (route, body) => route.fulfill({ contentType: "application/json", body: JSON.stringify(body) });
  let project = null;
  const answered = new Set();
  page.on("request", (request) => {
    if (request.method() !== "POST" || !request.url().endsWith("/api/v1/actions")) return;
    for (const action of request.postDataJSON().actions) if (action.do === "answer") answered.add(action.suspect);
  });
  await page.route("**/api/v1/project", async (route) => {
    const response = await route.fetch();
    project = await response.json();
    await json(route, { ...project, rounds });
  });
  await page.route(/\/api\/v1\/rounds$/, (route) => {
    const number = (rounds.at(-1)?.number ?? 0) + 1;
    const request = route.request().postDataJSON();
    const round = roundOf(number, {
      phase: "training",
      request,
      step: 60,
      secondsLeft: 48,
      finished: null,
      searched: 0,
      heldOut: null,
    });
    rounds.push(round);
    return json(route, round);
  });
  await page.route(/\/rounds\/\d+\/(stop|pause|resume)$/, (route) => {
    const [, number, what] = /rounds\/(\d+)\/(\w+)/.exec(route.request().url());
    const at = rounds.findIndex((round) => round.number === Number(number));
    rounds[at] = { ...rounds[at], phase: { stop: "stopped", pause: "paused", resume: "training" }[what] };
    return json(route, rounds[at]);
  });
  await page.route(/\/rounds\/\d+\/curves$/, (route) => json(route, curves));
  await page.route(/\/rounds\/\d+\/log$/, (route) =>
    route.fulfill({ contentType: "text/plain", body: "step 5 loss 1.92\nstep 10 loss 1.71\n" }),
  );
  await page.route(/\/rounds\/\d+\/pictures$/, (route) =>
    json(
      route,
      [100, 200, 300].flatMap((step) =>
        project.images.slice(0, 2).map(({ id, name }) => ({ step, image: name, file: `${step}-${id}.jpg` })),
      ),
    ),
  );
  await page.route(/\/rounds\/\d+\/pictures\/.+$/, async (route) => {
    const [, id] = /\d+-(\w+)\.jpg/.exec(route.request().url());
    await route.fulfill({
      response: await route.fetch({ url: new URL(`/api/v1/images/${id}/thumbnail.jpg`, route.request().url()).href }),
    });
  });
  await page.route(/\/rounds\/\d+\/searched$/, (route) => {
    const { searched } = rounds.find(({ number }) => number === Number(/rounds\/(\d+)/.exec(route.request().url())[1]));
    return json(
      route,
      project.images.slice(0, searched).map(({ id }) => id),
    );
  });
  await page.route(/detections\.bin$/, (route) => {
    const [, number, id] = /rounds\/(\d+)\/images\/(\w+)\//.exec(route.request().url());
    const at = project.images.findIndex((image) => image.id === id);
    return route.fulfill({
      contentType: "application/octet-stream",
      body: detectionBytes(project.images[at], count, 100 * Number(number) + at + 1, { classes: project.classes.length }),
    });
  });
  await page.route(/\/api\/v1\/queue/, (route) => {
    const round = Number(new URL(route.request().url()).searchParams.get("round"));
    const open = suspectsOf(project, round, queue).filter(({ id }) => !answered.has(id));
    const estimate = {
      precision: answered.size > 1 ? { value: 0.82, low: 0.68, high: 0.91 } : null,
      completeness: answered.size > 1 ? { value: 0.64, low: 0.52, high: 0.77 } : null,
      advice: "About 1 answer in 2 still changes something: answer 20 more, then train again.",
    };
    return json(route, { round, next: open.slice(0, 20), left: open.length, answered: answered.size, estimate });
  });
  await page.route(/\/api\/v1\/sheet/, (route) => {
    const round = Number(new URL(route.request().url()).searchParams.get("round"));
    const open = suspectsOf(project, round, queue).filter(({ id, kind }) => kind === "missing" && !answered.has(id));
    return json(route, { round, suspects: open.slice(0, 6) });
  });
  await page.route(/\/api\/v1\/exports$/, (route) => {
    const { format, what } = route.request().postDataJSON();
    return json(route, {
      files: [{ name: `${what}.${{ qupath: "geojson", coco: "json", csv: "csv", model: "safetensors" }[format]}`, bytes: 48213 }],
    });
  });
}
