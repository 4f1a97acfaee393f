/** Events by time; a binary heap. */
export class EventQueue {
  readonly #heap: { at: number; happen: () => Promise<void> }[] = [];

  add(at: number, happen: () => Promise<void>): void {
    const heap = this.#heap;
    heap.push({ at, happen });
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  next(): { at: number; happen: () => Promise<void> } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const earlier = (heap[right]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? right : left;
      if (!this.#swapIfLater(parent, earlier)) return first;
      parent = earlier;
    }
  }

  #swapIfLater(parent: number, child: number): boolean {
    const [upper, lower] = [this.#heap[parent], this.#heap[child]];
    if (!upper || !lower || upper.at <= lower.at) return false;
    this.#heap[parent] = lower;
    this.#heap[child] = upper;
    return true;
  }
}
