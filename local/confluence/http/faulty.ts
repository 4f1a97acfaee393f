import type { FaultRule } from '../control/faults.ts';
import { type Answer, html, json } from './exchange.ts';

/** The answer that a fault of kind `status` or `html` gives instead of the real one. */
export function faultAnswer(fault: FaultRule['answer'], nowMs: number): Answer {
  const headers = { ...retryAfter(fault, nowMs), ...fault.headers };
  if (fault.kind === 'html') {
    const page =
      '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>';
    return html(fault.status, page, headers);
  }
  if (fault.body === undefined) return json(fault.status, { code: fault.status, message: 'Simulated fault' }, headers);
  if (typeof fault.body === 'string') return { status: fault.status, headers, body: fault.body };
  return json(fault.status, fault.body, headers);
}

/** Pads a JSON answer to a size. JSON allows white space behind the value, so it still parses. */
export function padded(answer: Answer, bytes: number): Answer {
  if (typeof answer.body !== 'string') return answer;
  return { ...answer, body: answer.body + ' '.repeat(Math.max(0, bytes - Buffer.byteLength(answer.body))) };
}

function retryAfter({ retryAfter: form }: FaultRule['answer'], nowMs: number): Record<string, string> {
  if (form === 'absent') return {};
  return { 'Retry-After': form === 'date' ? new Date(nowMs + 30_000).toUTCString() : String(form) };
}
