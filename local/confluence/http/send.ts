import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Answer } from './exchange.ts';

/** Writes an answer. A streamed body waits for the reader. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status, headers, body } = answer;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return;
  }
  response.writeHead(status, { ...headers });
  for await (const chunk of body ?? []) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

/** Starts an answer of the right length and hangs up in the middle of it. */
export function sendTruncated(response: ServerResponse, answer: Answer): void {
  const body = typeof answer.body === 'string' ? answer.body : '{}';
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
}
