import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  if (!body) {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(inChunks(body)), response);
  } catch (error) {
    // A reader that leaves early is its own business.
    if (!response.destroyed) throw error;
  }
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Gathers small pieces: a write for each line of a large stream costs more than the lines. */
async function* inChunks(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** Starts an answer of the right length and hangs up in the middle of it. */
export function sendTruncated(response: ServerResponse, answer: Answer): void {
  const body = typeof answer.body === 'string' ? answer.body : '{}';
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
}
