// A number of bytes shared by tasks: each waits in line until the bytes it needs are free.

export class ByteBudget {
  #free: number;
  readonly #line: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(total: number) {
    this.#free = total;
  }

  /** Runs `task` once `bytes` (at most the total) are free. First come, first served, so that large tasks get their turn. */
  async within<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#line.push({ bytes, enter });
      this.#admit();
    });
    try {
      return await task();
    } finally {
      this.#free += bytes;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#line[0]; next !== undefined && next.bytes <= this.#free; next = this.#line[0]) {
      this.#line.shift();
      this.#free -= next.bytes;
      next.enter();
    }
  }
}
