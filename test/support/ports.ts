import { PORT_RANGE, portsFrom, takenPort } from '../../local/stack/ports.ts';

/** The start of a free range of ports, below those that systems hand out by themselves. */
export async function freePortBase(): Promise<number> {
  const [first, ranges] = [12_000, 450];
  for (;;) {
    const base = first + Math.floor(Math.random() * ranges) * PORT_RANGE;
    if ((await takenPort(portsFrom(base))) === undefined) return base;
  }
}
