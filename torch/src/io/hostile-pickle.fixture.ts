// For tests: pickles that try to run something, to reach something outside, or to take the reader's time and memory, each with
// what its refusal says.

import * as p from "./pickle-assembler.ts";
import { OPCODE } from "./pickle-opcodes.ts";

const { op, text, int, long, tuple, list, dict, global, reduce, none, pickle, storage, tensor, orderedDict } = p;
/** The name given on the stack, as protocol 4 does. */
const stackGlobal = (module: string, name: string) => Buffer.concat([text(module), text(name), op(OPCODE.STACK_GLOBAL)]);
const call = (module: string, name: string, ...args: Buffer[]) => pickle(reduce(global(module, name), ...args));
const rebuild = global("torch._utils", "_rebuild_tensor_v2");
const huge = Buffer.from("ffffffffffffff7f", "hex");
const uint32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
/** A list of the list before it in the memo, twice. */
const doubled = (k: number) => Buffer.concat([list(op(OPCODE.BINGET, k), op(OPCODE.BINGET, k)), op(OPCODE.BINPUT, k + 1)]);
const sixArguments = [storage(), int(0), tuple(int(6)), tuple(int(1)), p.no, orderedDict()];
const ordered = global("collections", "OrderedDict");

const named = (name: string) =>
  new RegExp(`refused: the pickle names "${name.replaceAll(".", "\\.")}"; only tensors and containers`);

export interface HostilePickle {
  readonly what: string;
  /** The whole pickle. */
  readonly bytes: Buffer;
  /** Of the refusal. */
  readonly message: RegExp;
}

/** All kinds. What they would run, if anything ran it, makes the file `canary`. */
export function hostilePickles(canary: string): HostilePickle[] {
  const command = text(`touch ${canary}`);
  const program = text(`open(${JSON.stringify(canary)}, "w")`);
  const kinds: [string, Buffer, RegExp][] = [
    // functions, by every way to name one
    ["os.system", call("os", "system", command), named("os.system")],
    ["posix.system", call("posix", "system", command), named("posix.system")],
    ["nt.system", call("nt", "system", command), named("nt.system")],
    ["os.popen", call("os", "popen", command), named("os.popen")],
    ["os.execv", call("os", "execv", command, list(command)), named("os.execv")],
    ["subprocess.Popen", call("subprocess", "Popen", command), named("subprocess.Popen")],
    ["subprocess.check_output", call("subprocess", "check_output", command), named("subprocess.check_output")],
    ["builtins.eval", call("builtins", "eval", program), named("builtins.eval")],
    ["builtins.exec", call("builtins", "exec", program), named("builtins.exec")],
    ["__builtin__.eval of Python 2", call("__builtin__", "eval", program), named("__builtin__.eval")],
    ["builtins.getattr", call("builtins", "getattr", global("os", "x"), text("system")), named("builtins.getattr")],
    ["builtins.open", call("builtins", "open", text(canary), text("w")), named("builtins.open")],
    ["builtins.__import__", call("builtins", "__import__", text("os")), named("builtins.__import__")],
    ["runpy._run_code", call("runpy", "_run_code", program), named("runpy._run_code")],
    ["pty.spawn", call("pty", "spawn", command), named("pty.spawn")],
    ["webbrowser.open", call("webbrowser", "open", text("http://example.org")), named("webbrowser.open")],
    ["socket.socket", call("socket", "socket"), named("socket.socket")],
    ["pickle.loads", call("pickle", "loads", op(OPCODE.SHORT_BINBYTES, 1, ".")), named("pickle.loads")],
    ["torch.load", call("torch", "load", text(canary)), named("torch.load")],
    ["torch.jit.load", call("torch.jit", "load", text(canary)), named("torch.jit.load")],
    ["torch.hub.load", call("torch.hub", "load", text("a/b")), named("torch.hub.load")],
    [
      "torch.storage._load_from_bytes",
      call("torch.storage", "_load_from_bytes", text("x")),
      named("torch.storage._load_from_bytes"),
    ],
    [
      "torch.serialization._get_layout",
      call("torch.serialization", "_get_layout", text("x")),
      named("torch.serialization._get_layout"),
    ],
    [
      "numpy.core.multiarray._reconstruct",
      call("numpy.core.multiarray", "_reconstruct"),
      named("numpy.core.multiarray._reconstruct"),
    ],
    ["a module's class", call("torchvision.models.resnet", "ResNet"), named("torchvision.models.resnet.ResNet")],
    ["argparse.Namespace", call("argparse", "Namespace"), named("argparse.Namespace")],
    ["STACK_GLOBAL", pickle(stackGlobal("os", "system"), tuple(command), op(OPCODE.REDUCE)), named("os.system")],
    [
      "a dotted STACK_GLOBAL",
      pickle(stackGlobal("collections", "OrderedDict.fromkeys")),
      named("collections.OrderedDict.fromkeys"),
    ],
    ["STACK_GLOBAL of numbers", pickle(int(1), int(2), op(OPCODE.STACK_GLOBAL)), /names int and int in STACK_GLOBAL/],
    ["a name with a blank", call("collections ", "OrderedDict"), named("collections .OrderedDict")],
    ["a name with escape codes", call("os\u001b[2J\u202e", "system"), /names "os\\u001b\[2J\\u\{202e\}\.system"/],
    ["a name of a million letters", call("a".repeat(1e6), "b"), /has a name without an end/],
    ["a name that is never called", pickle(dict(text("w"), tensor(), text("x"), global("os", "system"))), named("os.system")],
    ["a name within a tensor's arguments", pickle(reduce(rebuild, global("os", "system"))), named("os.system")],
    ["a nested pickle", pickle(op(OPCODE.PROTO, 2), global("os", "system"), op(OPCODE.STOP)), /holds the opcode PROTO/],

    // other ways to make objects
    ["INST", pickle(op(OPCODE.MARK), command, op(OPCODE.INST, "os\nsystem\n")), named("os.system")],
    ["OBJ", pickle(op(OPCODE.MARK), global("os", "system"), command, op(OPCODE.OBJ)), named("os.system")],
    [
      "OBJ of an allowed name",
      pickle(op(OPCODE.MARK), ordered, op(OPCODE.OBJ)),
      /makes an object of "collections.OrderedDict" by OBJ/,
    ],
    ["NEWOBJ", pickle(global("subprocess", "Popen"), tuple(command), op(OPCODE.NEWOBJ)), named("subprocess.Popen")],
    ["NEWOBJ of an allowed name", pickle(ordered, tuple(), op(OPCODE.NEWOBJ)), /of "collections.OrderedDict" by NEWOBJ;/],
    ["NEWOBJ_EX", pickle(ordered, tuple(), dict(), op(OPCODE.NEWOBJ_EX)), /of "collections.OrderedDict" by NEWOBJ_EX/],
    ["EXT1", pickle(op(OPCODE.EXT1, 7)), /names the extension 7/],
    ["EXT2", pickle(op(OPCODE.EXT2, 1, 2)), /names the extension 513/],
    ["EXT4", pickle(op(OPCODE.EXT4, uint32(4e9))), /names the extension 4000000000/],
    ["REDUCE of a text", pickle(text("os.system"), tuple(command), op(OPCODE.REDUCE)), /calls a str/],
    ["REDUCE of a storage type", pickle(reduce(global("torch", "FloatStorage"), int(1 << 30))), /calls a storage type/],
    ["REDUCE with a list", pickle(ordered, list(), op(OPCODE.REDUCE)), /calls "collections.OrderedDict" with list for arguments/],
    [
      "BUILD of a dict",
      pickle(dict(), dict(text("__class__"), text("x")), op(OPCODE.BUILD)),
      /sets the state of a dict to a dict \(BUILD\)/,
    ],
    ["BUILD of a tensor", pickle(tensor(), dict(), op(OPCODE.BUILD)), /sets the state of a tensor/],
    ["BUILD of a function", pickle(ordered, dict(text("__call__"), none), op(OPCODE.BUILD)), /sets the state of a builder/],
    ["BUILD with a tuple", pickle(orderedDict(), tuple(none, dict()), op(OPCODE.BUILD)), /of a OrderedDict to a tuple/],
    ["a set", pickle(op(OPCODE.EMPTY_SET)), /holds the opcode EMPTY_SET/],
    ["an outside buffer", pickle(op(OPCODE.NEXT_BUFFER)), /holds the opcode NEXT_BUFFER/],
    ["an opcode that nobody knows", pickle(op(0xff)), /holds the opcode 0xff/],

    // persistent ids
    ["PERSID", pickle(op(OPCODE.PERSID, "../../etc/passwd\n")), /asks for an outside object by "\.\.\/\.\.\/etc\/passwd"/],
    ["a persistent text", pickle(text("storage"), op(OPCODE.BINPERSID)), /asks for an outside object by str/],
    ["a persistent number", pickle(int(1), op(OPCODE.BINPERSID)), /asks for an outside object by int/],
    ["a persistent module", pickle(tuple(text("module"), none, text("x.py"), program), op(OPCODE.BINPERSID)), /by "module"/],
    [
      "a storage of tuples",
      pickle(tuple(text("storage"), ordered, text("0"), text("cpu"), int(6)), op(OPCODE.BINPERSID)),
      /by "storage"/,
    ],
    [
      "a storage key that is a path",
      pickle(dict(text("w"), tensor({ key: "../../../etc/passwd" }))),
      /storage "\.\.\/\.\.\/\.\.\/etc\/passwd" is missing/,
    ],
    ["a storage of −1 elements", pickle(storage({ numel: -1 })), /asks for an outside object by "storage"/],
    [
      "one storage of two types",
      pickle(storage(), storage({ type: "DoubleStorage" })),
      /names storage "0" as float32\[6\] and as float64\[6\]/,
    ],
    ["one storage of two sizes", pickle(storage(), storage({ numel: 7 })), /as float32\[6\] and as float32\[7\]/],
    [
      "a view outside its storage",
      pickle(storage({ view: tuple(text("1"), int(4), int(3)) })),
      /storage view outside its storage/,
    ],
    ["a view that is a text", pickle(storage({ view: text("1") })), /storage view outside its storage/],

    // tensors that lie
    [
      "a negative stride",
      pickle(dict(text("w"), tensor({ offset: 5, strides: [-3, -1] }))),
      /_rebuild_tensor_v2" with arguments that it does not take/,
    ],
    ["a negative size", pickle(dict(text("w"), tensor({ shape: [-2, -3] }))), /arguments that it does not take/],
    ["a negative offset", pickle(dict(text("w"), tensor({ offset: -1 }))), /arguments that it does not take/],
    ["more strides than sizes", pickle(dict(text("w"), tensor({ strides: [3, 1, 1] }))), /arguments that it does not take/],
    [
      "a size that is a float",
      pickle(reduce(rebuild, storage(), int(0), tuple(op(OPCODE.BINFLOAT, Buffer.alloc(8))), tuple(int(1)), p.no, orderedDict())),
      /it does not take/,
    ],
    [
      "a size beyond 2^53",
      pickle(reduce(rebuild, storage(), int(0), tuple(long(2n ** 60n)), tuple(int(1)), p.no, orderedDict())),
      /it does not take/,
    ],
    [
      "sixty-five dimensions",
      pickle(dict(text("w"), tensor({ shape: Array(65).fill(1), strides: Array(65).fill(1) }))),
      /it does not take/,
    ],
    ["a tensor without arguments", pickle(reduce(rebuild)), /it does not take \(\)/],
    ["a tensor with too many arguments", pickle(reduce(rebuild, ...sixArguments, dict(), none)), /it does not take/],
    [
      "an old tensor with too many arguments",
      pickle(reduce(global("torch._utils", "_rebuild_tensor"), ...sixArguments)),
      /it does not take/,
    ],
    ["a tensor of a tensor", pickle(reduce(rebuild, tensor())), /it does not take \(tensor\)/],
    [
      "a parameter of a number",
      pickle(reduce(global("torch._utils", "_rebuild_parameter"), int(1), p.yes, orderedDict())),
      /it does not take \(int, bool, OrderedDict\)/,
    ],
    [
      "a pending negation",
      pickle(reduce(rebuild, storage(), int(0), tuple(), tuple(), p.no, orderedDict(), dict(text("neg"), p.yes))),
      /it does not take/,
    ],
    [
      "a Size of texts",
      pickle(reduce(global("torch", "Size"), tuple(text("6")))),
      /"torch.Size" with arguments that it does not take/,
    ],
    ["an OrderedDict of numbers", pickle(reduce(ordered, list(int(1)))), /"collections.OrderedDict" with arguments/],
    [
      "a shape beyond its storage",
      pickle(dict(text("w"), tensor({ shape: [7], strides: [1] }))),
      /tensor "w": offset 0, shape \[7\] and strides \[1\] reach outside its storage of 6/,
    ],
    ["an offset beyond its storage", pickle(dict(text("w"), tensor({ offset: 1 }))), /reach outside its storage/],
    ["strides beyond its storage", pickle(dict(text("w"), tensor({ strides: [2 ** 30, 2 ** 30] }))), /reach outside its storage/],
    [
      "a shape whose product overflows",
      pickle(dict(text("w"), tensor({ shape: Array(8).fill(2 ** 30), strides: Array(8).fill(0) }))),
      /reach outside its storage/,
    ],
    [
      "one value a billion times",
      pickle(dict(text("w"), tensor({ shape: [1e9], strides: [0] }))),
      /tensor "w": its view repeats the same values/,
    ],
    [
      "many views that repeat",
      pickle(dict(...Array.from({ length: 100 }, (_, i) => [text(`w${i}`), tensor({ shape: [1e5], strides: [0] })]).flat())),
      /tensor "w\d": its view repeats/,
    ],

    // what other readers have been talked into
    ["copyreg._reconstructor", call("copyreg", "_reconstructor", ordered, none, none), named("copyreg._reconstructor")],
    ["copy_reg of Python 2", call("copy_reg", "_reconstructor", ordered, none, none), named("copy_reg._reconstructor")],
    ["functools.partial", call("functools", "partial", ordered), named("functools.partial")],
    ["operator.attrgetter", call("operator", "attrgetter", text("system")), named("operator.attrgetter")],
    ["operator.methodcaller", call("operator", "methodcaller", text("system"), command), named("operator.methodcaller")],
    ["importlib.import_module", call("importlib", "import_module", text("os")), named("importlib.import_module")],
    ["ctypes.CDLL", call("ctypes", "CDLL", text("libc.so.6")), named("ctypes.CDLL")],
    ["shutil.rmtree", call("shutil", "rmtree", text(canary)), named("shutil.rmtree")],
    ["pathlib.Path", call("pathlib", "PosixPath", text(canary)), named("pathlib.PosixPath")],
    ["types.FunctionType", call("types", "FunctionType"), named("types.FunctionType")],
    ["marshal.loads", call("marshal", "loads", program), named("marshal.loads")],
    ["code.interact", call("code", "interact"), named("code.interact")],
    ["codecs.encode", call("_codecs", "encode", program, text("latin1")), named("_codecs.encode")],
    ["numpy.load", call("numpy", "load", text(canary)), named("numpy.load")],
    ["numpy's dtype", call("numpy", "dtype", text("O8")), named("numpy.dtype")],
    ["a storage without a type", call("torch.storage", "UntypedStorage", int(1 << 30)), named("torch.storage.UntypedStorage")],
    ["a tensor's class", call("torch._utils", "_rebuild_wrapper_subclass"), named("torch._utils._rebuild_wrapper_subclass")],
    ["a tensor's hooks", call("torch._tensor", "_rebuild_from_type_v2"), named("torch._tensor._rebuild_from_type_v2")],
    ["a sparse tensor", call("torch._utils", "_rebuild_sparse_tensor"), named("torch._utils._rebuild_sparse_tensor")],
    ["torch's own eval", call("torch.fx.graph_module", "_exec_with_source"), named("torch.fx.graph_module._exec_with_source")],
    ["torch.ops", call("torch._ops", "load_library", text("x.so")), named("torch._ops.load_library")],
    ["an attribute of an allowed name", pickle(global("torch", "FloatStorage.from_file")), named("torch.FloatStorage.from_file")],
    ["JavaScript's Function", call("Function", "constructor", text("return process")), named("Function.constructor")],
    ["JavaScript's prototype", call("__proto__", "constructor"), named("__proto__.constructor")],
    ["a name of the list's own object", pickle(global("constructor", "name")), named("constructor.name")],
    ["a module named nothing", call("", "eval", program), named(".eval")],
    ["a name in another script", call("οs", "system", command), named("οs.system")],
    [
      "a name that is not UTF-8",
      pickle(op(OPCODE.GLOBAL, Buffer.of(0xff, 0x0a, 0x61, 0x0a))),
      /a name in the pickle is not UTF-8/,
    ],
    ["OrderedDict called by a storage", pickle(reduce(storage(), none)), /calls a storage/],
    ["the result of a call called", pickle(reduce(orderedDict(), command)), /calls a OrderedDict/],
    ["a tensor called", pickle(reduce(tensor(), none)), /calls a tensor/],
    ["BUILD of a list", pickle(list(), dict(), op(OPCODE.BUILD)), /sets the state of a list/],
    ["BUILD by a tensor", pickle(orderedDict(), tensor(), op(OPCODE.BUILD)), /of a OrderedDict to a tensor/],
    ["a frozen set", pickle(op(OPCODE.MARK, OPCODE.FROZENSET)), /holds the opcode FROZENSET/],
    ["a byte array", pickle(op(OPCODE.BYTEARRAY8, huge)), /holds the opcode BYTEARRAY8/],
    [
      "a persistent storage within a key",
      pickle(tuple(storage(), storage()), op(OPCODE.BINPERSID)),
      /asks for an outside object/,
    ],
    [
      "a location that is a number",
      pickle(tuple(text("storage"), global("torch", "FloatStorage"), text("0"), int(0), int(6)), op(OPCODE.BINPERSID)),
      /by "storage"/,
    ],
    [
      "a storage of 2^63 elements",
      pickle(
        tuple(text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), long(2n ** 62n)),
        op(OPCODE.BINPERSID),
      ),
      /by "storage"/,
    ],
    [
      "a storage larger than the file",
      pickle(dict(text("w"), tensor({ numel: 1 << 30 }))),
      /storage "0" should be float32\[1073741824\]/,
    ],
    [
      "lists in lists, doubled forty times",
      pickle(list(), op(OPCODE.BINPUT, 0), ...Array.from({ length: 40 }, (_, k) => doubled(k))),
      /leaves more than one value/,
    ],
    ["a memo of a million entries", pickle(none, Buffer.alloc(1_100_000, OPCODE.MEMOIZE)), /takes more than 1000000 steps/],
    [
      "a million copies of a long text",
      pickle(text("a".repeat(1e6)), op(OPCODE.BINPUT, 0), Buffer.concat(Array(550_000).fill(op(OPCODE.BINGET, 0)))),
      /leaves more than one value|takes more than 1000000 steps/,
    ],
    [
      "a frame within a frame without an end",
      pickle(Buffer.concat(Array(1_000_001).fill(op(OPCODE.FRAME, uint32(0), uint32(0))))),
      /takes more than 1000000 steps/,
    ],
    [
      "a dict in itself",
      pickle(dict(), op(OPCODE.BINPUT, 0), text("model"), op(OPCODE.BINGET, 0), op(OPCODE.SETITEM)),
      /holds no tensors \(keys: "model"\)/,
    ],

    // time and memory
    [
      "a memo entry never set",
      pickle(op(OPCODE.LONG_BINGET, uint32(2 ** 32 - 1))),
      /recalls entry 4294967295 of its memo, which it never set/,
    ],
    ["a memo of nothing", pickle(op(OPCODE.MEMOIZE)), /takes a value from an empty stack/],
    ["a text of 4 GB", pickle(op(OPCODE.BINUNICODE, uint32(2 ** 32 - 1))), /has a text of 4294967295 bytes/],
    ["a text of 2^63 bytes", pickle(op(OPCODE.BINUNICODE8, huge)), /is damaged: text says 9223372036854775807/],
    ["bytes longer than the file", pickle(op(OPCODE.BINBYTES, uint32(2 ** 31))), /bytes needs 2147483648 bytes/],
    ["bytes of 2^63", pickle(op(OPCODE.BINBYTES8, huge)), /is damaged: bytes says 9223372036854775807/],
    ["a text that is not UTF-8", pickle(op(OPCODE.SHORT_BINSTRING, 1, 0xff)), /a text in the pickle is not UTF-8/],
    ["a whole number of 2 GB", pickle(op(OPCODE.LONG4, uint32(2 ** 31 - 1))), /has a whole number of 2147483647 bytes/],
    ["a whole number of −1 bytes", pickle(op(OPCODE.LONG4, uint32(2 ** 32 - 1))), /has a whole number of 4294967295 bytes/],
    ["a frame longer than the file", pickle(op(OPCODE.FRAME, uint32(1e9), uint32(0))), /has a frame longer than the file/],
    ["protocol 255", Buffer.concat([op(OPCODE.PROTO, 255), pickle(none)]), /has protocol 255; expected 2 to 5/],
    ["protocol 0", Buffer.from("cos\nsystem\n(S'x'\ntR."), /does not begin with PROTO/],
    ["a million empty dicts", pickle(Buffer.alloc(1_100_000, "}")), /takes more than 1000000 steps/],
    ["a million nested tuples", pickle(none, Buffer.alloc(1_100_000, OPCODE.TUPLE1)), /takes more than 1000000 steps/],
    ["a million marks", pickle(Buffer.alloc(1_100_000, "(")), /takes more than 1000000 steps/],
    [
      "a long list made a dict again and again",
      pickle(
        ...[list(...Array(10_000).fill(tuple(none, none))), op(OPCODE.BINPUT, 0)],
        Buffer.concat(Array(1000).fill(reduce(ordered, op(OPCODE.BINGET, 0)))),
      ),
      /takes more than 1000000 steps/,
    ],
    ["a list in itself, as a key", pickle(op(OPCODE.EMPTY_DICT), list(), none, op(OPCODE.SETITEM)), /uses a list as a key/],
    ["a key without a value", pickle(dict(text("w"))), /sets a key without a value/],
    ["an item set in a tuple", pickle(tuple(), op(OPCODE.MARK), none, none, op(OPCODE.SETITEMS)), /sets an item of a tuple/],
    ["an item appended to a dict", pickle(dict(), none, op(OPCODE.APPEND)), /appends to a dict/],
    ["a mark never set", pickle(op(OPCODE.TUPLE)), /goes back to a mark that it never set/],
    ["a value from below a mark", pickle(none, op(OPCODE.MARK, OPCODE.TUPLE1)), /takes a value from an empty stack/],
    ["nothing at all", pickle(), /takes a value from an empty stack/],
    ["two values", pickle(none, none), /leaves more than one value/],
    ["no end", pickle(none).subarray(0, -1), /is cut off or damaged: the pickle needs 1 bytes, 0 are left/],
  ];
  return kinds.map(([what, bytes, message]) => ({ what, bytes, message }));
}
