/** A small deterministic generator (mulberry32): the same parts give the same sequence on every machine. */
export class Random {
  #state: number;

  constructor(...parts: number[]) {
    let hash = 0x811c9dc5;
    for (const part of parts) {
      hash = Math.imul(hash ^ (part >>> 0), 0x01000193);
      hash = Math.imul(hash ^ Math.floor(part / 2 ** 32), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    this.#state = hash >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }
}
