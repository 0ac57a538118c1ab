// What a computation's time goes into, operator by operator, each beside its floor: the time that its arithmetic, or the bytes
// that it moves, takes at the rate that the machine reaches.

export interface OperatorProfile {
  /** Of the whole computation. */
  readonly seconds: number;
  /** The machine's: multiplications and additions, and bytes, per second. */
  readonly rate: { readonly flops: number; readonly bytes: number };
  /** The longest first. The rest of `seconds` is spent in our own code between them. */
  readonly operators: readonly ProfiledOperator[];
}

export interface ProfiledOperator {
  /** libtorch's name, without "aten::". */
  readonly name: string;
  readonly dtype: string;
  readonly calls: number;
  /** Without the operators that it calls. */
  readonly seconds: number;
  /** Never more than `seconds`: an operator that only reads its tensors' shapes moves nothing. */
  readonly floor: number;
  readonly flops: number;
  readonly bytes: number;
}
