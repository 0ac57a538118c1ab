// A small coverage-guided fuzzer (after AFL, https://lcamtuf.coredump.cx/afl/technical_details.txt): an input that executes a new
// block of the reader's source, or a block a new number of times, is kept and damaged further. V8 reports the executed blocks
// (https://chromedevtools.github.io/devtools-protocol/v8/Profiler, precise coverage). For comparison, an unguided fuzzer damages
// only the initial inputs.

import { Session } from "node:inspector";
import * as p from "../../torch/dist/io/pickle-assembler.js";
import { parsePth } from "../../torch/dist/io/pth.js";
import { parseSafetensors } from "../../torch/dist/io/safetensors.js";
import { pthFile } from "../../torch/dist/io/zip-assembler.js";
import { randomNumbers } from "./fault-script.mjs";
import { HEADER, safetensorsFile } from "./hostile-safetensors.fixture.mjs";
import { mutatedBytes, seedOf } from "./mutations.fixture.mjs";

/** Executions per trial, half of them guided. */
export const PER_TRIAL = 400;
const BATCH = 20; // querying V8 takes longer than an execution, so only a batch with new coverage is examined one by one
const LONGEST = 4096;

const READER = /\/torch\/dist\/io\/(?!.*(?:fixture|assembler))[\w-]+\.js$/;
const session = new Session();
session.connect();
const ask = (method, params) => {
  let answer;
  session.post(method, params, (error, result) => {
    if (error) throw new Error(error.message);
    answer = result; // the inspector of the same thread answers synchronously
  });
  return answer;
};

/** The readers' coverage since the last call: per script, its functions with their blocks and execution counts. */
const taken = () => ask("Profiler.takePreciseCoverage").result.filter(({ url }) => READER.test(url));

/** Per source, which characters were executed and where blocks begin and end. */
class Blocks {
  #scripts = new Map();

  add(scripts) {
    for (const { url, functions } of scripts) {
      const script = this.#scripts.get(url) ?? { covered: new Uint8Array(1 << 17), ends: new Set() };
      this.#scripts.set(url, script);
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset } of ranges) script.ends.add(startOffset).add(endOffset);
        if (ranges[0].count > 0) mark(script.covered, ranges);
      }
    }
  }

  /** The executed stretches between ends of blocks, using the ends seen by this one and by `other`. */
  count(other) {
    let blocks = 0;
    for (const [url, { covered, ends }] of this.#scripts)
      for (const end of new Set([...ends, ...(other.#scripts.get(url)?.ends ?? [])])) blocks += covered[end];
    return blocks;
  }
}

/** Ranges nest, outer ones first: the innermost says whether a character was executed. */
function mark(covered, ranges) {
  const [{ startOffset: start, endOffset: end }] = ranges;
  const now = new Uint8Array(end - start).fill(1);
  for (const { startOffset, endOffset, count } of ranges) now.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
  for (let i = 0; i < now.length; i++) covered[start + i] |= now[i];
}

/** A feature for which an input is kept: a block and its execution count, as a power of 2. */
const features = (scripts) =>
  scripts.flatMap(({ url, functions }) =>
    functions.flatMap(({ ranges }) =>
      ranges
        .filter(({ count }) => count > 0)
        .map(({ startOffset, endOffset, count }) => `${url.slice(-20)} ${startOffset} ${endOffset} ${31 - Math.clz32(count)}`),
    ),
  );

class Fuzzer {
  #read;
  #words;
  #guided;
  #corpus = [];
  /** The first input with each feature. */
  #owners = [];
  #known = new Set();
  blocks = new Blocks();
  executions = 0;

  constructor(read, { seeds, words, guided }) {
    this.#words = words.map((word) => Buffer.from(word));
    this.#read = read;
    this.#guided = guided;
    for (const seed of seeds) {
      this.#execute(seed);
      this.#learn([seed]);
    }
  }

  get corpusSize() {
    return this.#corpus.length;
  }

  run(executions, random) {
    for (let done = 0; done < executions; done += BATCH) {
      const inputs = Array.from({ length: BATCH }, () => this.#next(random));
      for (const input of inputs) this.#execute(input);
      this.#learn(inputs);
    }
  }

  /** A damaged member of the corpus, sometimes crossed with another; inputs that were first with more features are more likely. */
  #next(random) {
    const any = () => this.#owners[Math.floor(random() * this.#owners.length)];
    const [parent, other] = [any(), any()];
    const crossed = Buffer.concat([parent.subarray(0, random() * parent.length), other.subarray(random() * other.length)]);
    const input = random() < 0.1 ? crossed : parent;
    if (this.#words.length === 0 || random() < 0.3) return mutatedBytes(input, random, 4);
    const [from, to] = [random(), random()].map((place) => Math.floor(place * (input.length + 1))).sort((a, b) => a - b);
    const word = this.#words[Math.floor(random() * this.#words.length)];
    return Buffer.concat([input.subarray(0, from), word, input.subarray(random() < 0.7 ? from : to)]);
  }

  #execute(input) {
    this.executions++;
    try {
      this.#read(input);
    } catch (error) {
      if (error.name !== "WeightFileError") throw error;
    }
  }

  #learn(inputs) {
    const scripts = taken();
    this.blocks.add(scripts);
    const fresh = features(scripts).filter((feature) => !this.#known.has(feature));
    if (fresh.length === 0) return;
    if (inputs.length > 1) {
      if (!this.#guided) return;
      for (const input of inputs) {
        this.#execute(input);
        this.executions--; // already counted
        this.#learn([input]);
      }
      return;
    }
    for (const feature of fresh) this.#known.add(feature);
    for (const input of inputs.filter(({ length }) => length <= LONGEST)) {
      this.#corpus.push(input);
      for (const _ of fresh) this.#owners.push(input);
    }
  }
}

/** Both fuzzers, each with half of the executions, from one seed. `words` are sometimes inserted into inputs. */
function compared(read, seeds, words = []) {
  return async () => {
    ask("Profiler.enable");
    ask("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    taken();
    const [guided, unguided] = [true, false].map((guided) => new Fuzzer(read, { seeds, words, guided }));
    return {
      async trial(random) {
        const seed = seedOf(random());
        for (const fuzzer of [unguided, guided]) fuzzer.run(PER_TRIAL / 2, randomNumbers(seed));
        return {
          executions: guided.executions,
          corpus: guided.corpusSize,
          guided: guided.blocks.count(unguided.blocks),
          unguided: unguided.blocks.count(guided.blocks),
        };
      },
    };
  };
}

const DATA = Buffer.alloc(4);
const values = p.floats(1, 2, 3, 4, 5, 6);
const weights = p.pickle(p.dict(p.text("w"), p.tensor()));
const nothing = p.pickle(p.none);
const archive = (pickle, storages) => pthFile(pickle, storages, { checksum: 0 }); // with checksums, damage would go no further
const safetensors = (bytes) => parseSafetensors("fuzz", bytes);
const pth = (bytes) => parsePth("fuzz", bytes);
const WORDS = [
  '"a":{}',
  ',"b":{}',
  '"__metadata__":{"k":"v"}',
  '"dtype":"U8"',
  '"dtype":"F16",',
  '"shape":[4],',
  ',"shape":[]',
  '"data_offsets":[0,4]',
  ',"data_offsets":[4,4]',
  "\\u0041",
  "-1",
  "1.5",
  "null",
];
const OPCODES = [
  ...[
    p.text("w"),
    p.int(1),
    p.int(6),
    p.none,
    p.no,
    p.tuple(),
    p.list(),
    p.dict(),
    p.orderedDict(),
    p.global("torch", "FloatStorage"),
  ],
  ...[
    p.global("torch._utils", "_rebuild_tensor_v2"),
    p.global("torch._utils", "_rebuild_parameter"),
    p.text("storage"),
    p.text("0"),
    p.text("cpu"),
  ],
  ..."().stuQRbae012".split("").map((code) => Buffer.from(code)),
  ...["85", "86", "87", "93", "94", "5d", "7d", "29", "7100", "6800"].map((hex) => Buffer.from(hex, "hex")),
];

export const cases = {
  "safetensors, from a model": compared(safetensors, [safetensorsFile(HEADER)]),
  "a safetensors header, from {}": compared(
    (header) => safetensors(safetensorsFile(header, { data: DATA })),
    [Buffer.from("{}")],
    WORDS,
  ),
  "pth, from models": compared(pth, [archive(weights, { 0: values }), p.legacyFile(weights, [["0", 6, values]])]),
  "a pickle, from None": compared((pickle) => pth(archive(pickle, { 0: values })), [nothing], OPCODES),
};
