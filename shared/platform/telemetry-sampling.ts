import { type Context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** More spans than this of one invocation are counted out: a slice of a large sync makes hundreds. */
const MAX_SPANS_HELD = 500;
/** Application Insights multiplies by it, so that its counts stay right. */
const SAMPLE_RATE = 'microsoft.sample_rate';

/** What one invocation has produced so far. */
interface Held {
  readonly rootSpanId: string;
  readonly ended: ReadableSpan[];
  failed: boolean;
}

/**
 * Samples whole invocations after they have ended: one with an error is always exported, of the others those whose
 * trace id falls into the ratio. The trace id decides, so all processes that work on a trace decide alike, and a trace
 * is exported from its HTTP call to its last worker or not at all.
 */
export class ErrorKeepingProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #ratio: number;
  readonly #held = new Map<string, Held>();

  constructor(next: SpanProcessor, ratio: number) {
    this.#next = next;
    this.#ratio = ratio;
  }

  onStart(span: Span, parentContext: Context): void {
    const parent = trace.getSpanContext(parentContext);
    const { spanId } = span.spanContext();
    const isRoot = parent === undefined || parent.isRemote === true;
    const held = isRoot ? undefined : this.#held.get(parent.spanId);
    if (isRoot) this.#held.set(spanId, { rootSpanId: spanId, ended: [], failed: false });
    else if (held) this.#held.set(spanId, held);
    this.#next.onStart(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    const { spanId, traceId } = span.spanContext();
    const held = this.#held.get(spanId);
    this.#held.delete(spanId);
    // Ends after its invocation: nobody waits for it any more.
    if (!held) return;
    if (span.status.code === SpanStatusCode.ERROR) held.failed = true;
    const isRoot = held.rootSpanId === spanId;
    if (held.ended.length < MAX_SPANS_HELD || isRoot) held.ended.push(span);
    if (!isRoot) return;
    const chosen = isChosen(traceId, this.#ratio);
    if (!chosen && !held.failed) return;
    for (const ended of held.ended) {
      if (chosen && this.#ratio < 1) ended.attributes[SAMPLE_RATE] = 100 * this.#ratio;
      this.#next.onEnd(ended);
    }
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

/** By the trace id's last 7 bytes, which W3C Trace Context asks to be random. */
export function isChosen(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-14), 16) < ratio * 2 ** 56;
}
