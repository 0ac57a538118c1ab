// A reader of Python pickles that can only build containers, numbers, texts and tensors (pickle-values.ts). A pickle is a program
// for a stack machine (https://github.com/python/cpython/blob/main/Lib/pickletools.py) and is dangerous because it may name and
// call any function. Here a name that is not on the list is an error that reports the name, and nothing is called.
// Reading is a loop without recursion; its allocations are bounded by the file's length and by MAX_STEPS.

import type { ByteReader } from "./byte-reader.ts";
import { OPCODE, opcodeName } from "./pickle-opcodes.ts";
import { PickleStack } from "./pickle-stack.ts";
import {
  ALLOWED,
  count,
  Dict,
  isBuilder,
  kindOf,
  OrderedDict,
  type PickleValue,
  type StorageReference,
  StorageType,
  Tuple,
} from "./pickle-values.ts";
import { quote, type WeightFileError } from "./weight-file-error.ts";

export interface Pickle {
  value: PickleValue;
  /** All storages that the pickle refers to, by key. */
  storages: Map<string, StorageReference>;
}

/** Opcodes and copied list items; a state dict takes about 40 per tensor. */
const MAX_STEPS = 1_000_000;
const MAX_TEXT = 1 << 24; // bytes
const MAX_INTEGER = 255; // bytes
const MAX_NAME = 1024; // bytes

/** Reads one pickle at the reader's offset and advances the offset past it. Throws a WeightFileError. */
export function readPickle(reader: ByteReader): Pickle {
  const machine = new Machine(reader);
  const value = machine.run();
  return { value, storages: machine.storages };
}

class Machine {
  readonly storages = new Map<string, StorageReference>();
  readonly #reader: ByteReader;
  readonly #stack = new PickleStack((what) => this.#damaged(what));
  #steps = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  run(): PickleValue {
    const reader = this.#reader;
    if (reader.uint8("the pickle") !== OPCODE.PROTO) throw this.#damaged("does not begin with PROTO");
    const protocol = reader.uint8("PROTO");
    if (protocol < 2 || protocol > 5) throw this.#damaged(`has protocol ${protocol}; expected 2 to 5`);
    for (;;) {
      this.#step(1);
      const opcode = reader.uint8("the pickle");
      if (opcode === OPCODE.STOP) break;
      const value = this.#evaluate(opcode);
      if (value !== undefined) this.#stack.push(value);
    }
    const value = this.#stack.pop();
    if (this.#stack.size > 0) throw this.#damaged("leaves more than one value");
    return value;
  }

  /** Executes one opcode and returns the value it pushes, or undefined. */
  #evaluate(opcode: number): PickleValue | undefined {
    const reader = this.#reader;
    switch (opcode) {
      case OPCODE.FRAME:
        if (reader.uint64("FRAME") > reader.left) throw this.#damaged("has a frame longer than the file");
        return undefined;

      case OPCODE.NONE:
        return null;
      case OPCODE.NEWTRUE:
        return true;
      case OPCODE.NEWFALSE:
        return false;
      case OPCODE.BININT:
        return BigInt(reader.int32("BININT"));
      case OPCODE.BININT1:
        return BigInt(reader.uint8("BININT1"));
      case OPCODE.BININT2:
        return BigInt(reader.uint16("BININT2"));
      case OPCODE.LONG1:
        return this.#integer(reader.uint8("LONG1"));
      case OPCODE.LONG4:
        return this.#integer(reader.uint32("LONG4"));
      case OPCODE.BINFLOAT:
        return reader.take(8, "BINFLOAT").readDoubleBE();

      case OPCODE.SHORT_BINUNICODE:
      case OPCODE.SHORT_BINSTRING: // text of Python 2
        return this.#text(reader.uint8("text"));
      case OPCODE.BINUNICODE:
      case OPCODE.BINSTRING:
        return this.#text(reader.uint32("text"));
      case OPCODE.BINUNICODE8:
        return this.#text(reader.uint64("text"));
      case OPCODE.SHORT_BINBYTES:
        return reader.take(reader.uint8("bytes"), "bytes");
      case OPCODE.BINBYTES:
        return reader.take(reader.uint32("bytes"), "bytes");
      case OPCODE.BINBYTES8:
        return reader.take(reader.uint64("bytes"), "bytes");

      case OPCODE.MARK:
        return this.#stack.mark();
      case OPCODE.EMPTY_TUPLE:
        return new Tuple([]);
      case OPCODE.TUPLE1:
        return new Tuple(this.#stack.popMany(1));
      case OPCODE.TUPLE2:
        return new Tuple(this.#stack.popMany(2));
      case OPCODE.TUPLE3:
        return new Tuple(this.#stack.popMany(3));
      case OPCODE.TUPLE:
        return new Tuple(this.#stack.popMark());
      case OPCODE.EMPTY_LIST:
        return [];
      case OPCODE.APPEND:
        return this.#stack.append(this.#stack.popMany(1));
      case OPCODE.APPENDS:
        return this.#stack.append(this.#stack.popMark());
      case OPCODE.EMPTY_DICT:
        return new Dict();
      case OPCODE.SETITEM:
        return this.#stack.setItems(this.#stack.popMany(2));
      case OPCODE.SETITEMS:
        return this.#stack.setItems(this.#stack.popMark());

      case OPCODE.BINPUT:
        return this.#stack.remember(reader.uint8("BINPUT"));
      case OPCODE.LONG_BINPUT:
        return this.#stack.remember(reader.uint32("LONG_BINPUT"));
      case OPCODE.MEMOIZE:
        return this.#stack.remember();
      case OPCODE.BINGET:
        return this.#stack.recall(reader.uint8("BINGET"));
      case OPCODE.LONG_BINGET:
        return this.#stack.recall(reader.uint32("LONG_BINGET"));

      case OPCODE.GLOBAL:
        return this.#allowed(this.#line(), this.#line());
      case OPCODE.STACK_GLOBAL: {
        const [module, name] = this.#stack.popMany(2);
        if (typeof module !== "string" || typeof name !== "string")
          throw this.#damaged(`names ${kindOf(module)} and ${kindOf(name)} in STACK_GLOBAL`);
        return this.#allowed(module, name);
      }
      case OPCODE.REDUCE:
        return this.#reduce();
      case OPCODE.BUILD:
        return this.#build();
      case OPCODE.BINPERSID:
        return this.#persistent(this.#stack.pop());
      default:
        return this.#refuse(opcode);
    }
  }

  /** Calls a function on the list; anything else is refused. */
  #reduce(): PickleValue {
    const args = this.#stack.pop();
    const target = this.#stack.pop();
    if (!isBuilder(target)) throw this.#refused(`the pickle calls a ${kindOf(target)}`);
    if (!(args instanceof Tuple)) throw this.#damaged(`calls "${target.name}" with ${kindOf(args)} for arguments`);
    if (Array.isArray(args.items[0])) this.#step(args.items[0].length);
    const value = target.build(args.items);
    if (value === undefined) {
      const kinds = args.items.slice(0, 8).map(kindOf).join(", ");
      throw this.#damaged(`calls "${target.name}" with arguments that it does not take (${kinds})`);
    }
    return value;
  }

  /** The attributes of a state dict's OrderedDict (`_metadata`: module versions) are dropped. */
  #build(): undefined {
    const state = this.#stack.pop();
    const target = this.#stack.top();
    if (!(target instanceof OrderedDict && state instanceof Dict)) {
      throw this.#refused(`the pickle sets the state of a ${kindOf(target)} to a ${kindOf(state)} (BUILD)`);
    }
  }

  /** ("storage", type, key, location, numel) and, in legacy files, a view: (key, offset, numel) or None. */
  #persistent(id: PickleValue): StorageReference {
    const [tag, type, key, location, size, view = null] = id instanceof Tuple && id.items.length <= 6 ? id.items : [];
    const numel = count(size);
    if (
      tag !== "storage" ||
      !(type instanceof StorageType) ||
      typeof key !== "string" ||
      typeof location !== "string" ||
      numel === undefined
    ) {
      const kinds = id instanceof Tuple ? `(${id.items.slice(0, 8).map(kindOf).join(", ")})` : kindOf(id);
      throw this.#refused(`the pickle asks for an outside object by ${typeof tag === "string" ? quote(tag) : kinds}`);
    }
    const part = view === null ? undefined : this.#viewOf(view, numel);
    const known = this.storages.get(key);
    if (known && (known.dtype !== type.dtype || known.numel !== numel)) {
      throw this.#damaged(`names storage ${quote(key)} as ${known.dtype}[${known.numel}] and as ${type.dtype}[${numel}]`);
    }
    const storage: StorageReference = { kind: "storage", dtype: type.dtype, key, numel, part };
    this.storages.set(key, known ?? storage);
    return storage;
  }

  #viewOf(view: PickleValue, numel: number): { offset: number; numel: number } {
    const [, start, size] = view instanceof Tuple && view.items.length === 3 ? view.items : [];
    const [offset, length] = [count(start), count(size)];
    if (offset === undefined || length === undefined || offset + length > numel)
      throw this.#damaged("has a storage view outside its storage");
    return { offset, numel: length };
  }

  #allowed(module: string, name: string): PickleValue {
    const allowed = ALLOWED.get(`${module}.${name}`);
    if (allowed === undefined) throw this.#names(module, name);
    return allowed;
  }

  #refuse(opcode: number): never {
    const name = opcodeName(opcode);
    switch (opcode) {
      case OPCODE.INST:
        throw this.#names(this.#line(), this.#line());
      case OPCODE.NEWOBJ:
      case OPCODE.NEWOBJ_EX:
      case OPCODE.OBJ: {
        const target = this.#stack.findLast(isBuilder);
        throw this.#refused(`the pickle makes an object${target ? ` of "${target.name}"` : ""} by ${name}`);
      }
      case OPCODE.EXT1:
        throw this.#refused(`the pickle names the extension ${this.#reader.uint8(name)}`);
      case OPCODE.EXT2:
        throw this.#refused(`the pickle names the extension ${this.#reader.uint16(name)}`);
      case OPCODE.EXT4:
        throw this.#refused(`the pickle names the extension ${this.#reader.uint32(name)}`);
      case OPCODE.PERSID:
        throw this.#refused(`the pickle asks for an outside object by ${quote(this.#line())}`);
      default:
        throw this.#refused(`the pickle holds the opcode ${name}`);
    }
  }

  // ---- what follows an opcode

  /** Little-endian two's complement. */
  #integer(length: number): bigint {
    if (length > MAX_INTEGER) throw this.#damaged(`has a whole number of ${length} bytes`);
    const bytes = this.#reader.take(length, "a whole number").toReversed();
    return length === 0 ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
  }

  #text(length: number): string {
    if (length > MAX_TEXT) throw this.#damaged(`has a text of ${length} bytes`);
    return this.#reader.text(length, "a text in the pickle");
  }

  #line(): string {
    const { bytes, offset } = this.#reader;
    const end = bytes.subarray(offset, offset + MAX_NAME).indexOf(0x0a);
    if (end < 0) throw this.#damaged("has a name without an end");
    const line = this.#reader.text(end, "a name in the pickle");
    this.#reader.offset++;
    return line;
  }

  #step(howMany: number): void {
    this.#steps += howMany;
    if (this.#steps > MAX_STEPS) throw this.#refused(`the pickle takes more than ${MAX_STEPS} steps`);
  }

  // ---- errors

  #names(module: string, name: string): WeightFileError {
    return this.#refused(`the pickle names ${quote(`${module}.${name}`)}`);
  }
  #refused(what: string): WeightFileError {
    return this.#reader.fault(`refused: ${what}; only tensors and containers can be read, as in a plain state dict`);
  }
  #damaged(what: string): WeightFileError {
    return this.#reader.fault(`is damaged: the pickle ${what}`);
  }
}
