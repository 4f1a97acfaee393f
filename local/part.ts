import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A running part of the local stack. */
export interface Part {
  /** Where it listens, without a trailing slash: `http://127.0.0.1:7300`. */
  readonly url: string;
  /** Stops listening, ends open connections and flushes what it stores. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** 0 picks a free port. */
  port: number;
  /** With a key and certificate (PEM) the part speaks TLS. */
  tls?: { key: string; cert: string };
  /** Called after the server has closed, for databases and files. */
  onClose?: () => void | Promise<void>;
}

/**
 * Listens on 127.0.0.1 only: nothing of the local stack is ever reachable from another machine.
 * Rejects with the listen error (`EADDRINUSE` when the port is taken).
 */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Part> {
  const server: Server = options.tls
    ? (createHttpsServer(options.tls, listener) as unknown as Server)
    : createHttpServer(listener);
  // Clients keep sockets open between bursts; a server that closes first makes them see ECONNRESET.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await options.onClose?.();
    },
  };
}

/**
 * Runs a part as its own process: tells the parent over IPC when it is ready (`{ ready: url }`), ends on SIGTERM and
 * SIGINT, and ends when the parent is gone, however the parent died, so no part outlives the stack. A part that cannot
 * start prints one line and exits with 1.
 */
export async function runPart(name: string, start: () => Promise<Part>): Promise<void> {
  let part: Part;
  try {
    part = await start();
  } catch (error) {
    console.error(`${name}: ${startError(error)}`);
    process.exit(1);
  }
  // A parent that died took the pipes with it: what is still printed while closing must not end the process first.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  let closing = false;
  const stop = async () => {
    if (closing) return;
    closing = true;
    await part.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.send) {
    process.on('disconnect', stop);
    process.send({ ready: part.url });
  } else {
    console.log(`${name}: ${part.url}`);
  }
}

function startError(error: unknown): string {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE') return `port ${port} is taken; stop what uses it or set LOCAL_PORT_BASE to another range`;
  return message ?? String(error);
}
