import { createServer } from 'node:net';
import { StackError } from './error.ts';

export const DEFAULT_PORT_BASE = 7300;
/** A stack may use its base and the 39 ports after it. */
export const PORT_RANGE = 40;

const PARTS = ['dashboard', 'functions', 'confluence', 'issuer', 'keyVault', 'cosmos', 'blob', 'queue'] as const;

export type Ports = Record<(typeof PARTS)[number], number>;

/** Where each part listens. */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base + PORT_RANGE > 65_536)
    throw new StackError(
      `LOCAL_PORT_BASE must be a whole number from 1024 to ${65_536 - PORT_RANGE}: the first of ${PORT_RANGE} free ports.`,
    );
  return Object.fromEntries(PARTS.map((part, index) => [part, base + index])) as Ports;
}

/** The first port that something listens on already, if any. */
export async function takenPort(
  ports: Readonly<Partial<Record<keyof Ports, number | undefined>>>,
): Promise<{ part: string; port: number } | undefined> {
  for (const [part, port] of Object.entries(ports))
    if (port !== undefined && !(await isFree(port))) return { part, port };
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
