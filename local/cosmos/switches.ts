import { badRequest, CosmosError } from './errors.ts';
import { isObject, type Json } from './json.ts';

/** What a fault or a counter is about. */
export interface Subject {
  /** read, create, upsert, replace, delete, patch, query, plan, batch, bulk, bulk-item, or metadata. */
  operation: string;
  container: string;
  id: string;
}

interface Fault {
  status: number;
  left: number;
  skip: number;
  retryAfterMs: number;
  /** The work is done and only the answer is an error: a lost response. */
  applied: boolean;
  match: Partial<Subject>;
}

export interface PendingFault {
  error: CosmosError;
  applied: boolean;
}

const STATUSES = [408, 410, 412, 429, 449, 500, 503];
const OPERATIONS = 'read create upsert replace delete patch query plan batch bulk bulk-item metadata'.split(' ');

/** Faults that requests run into, by switch. */
export class Faults {
  private faults: Fault[] = [];

  /**
   * `{status, count?, skip?, retryAfterMs?, applied?, match?: {operation?, container?, id?}}`: the next `count` matching requests,
   * after `skip` others, answer `status`. Throws 400.
   */
  add(body: Json | undefined): void {
    if (!isObject(body)) throw badRequest('A fault is an object with a status.');
    const { status, count = 1, skip = 0, retryAfterMs = 10, applied = false, match = {} } = body;
    if (typeof status !== 'number' || !STATUSES.includes(status)) {
      throw badRequest(`The status of a fault is one of ${STATUSES.join(', ')}.`);
    }
    if (typeof count !== 'number' || typeof skip !== 'number' || typeof retryAfterMs !== 'number') {
      throw badRequest('count, skip and retryAfterMs of a fault are numbers.');
    }
    if (!isObject(match)) throw badRequest('match of a fault is {operation?, container?, id?}.');
    for (const [name, value] of Object.entries(match)) {
      if (!['operation', 'container', 'id'].includes(name) || typeof value !== 'string') {
        throw badRequest(`Unknown or malformed match of a fault: ${name}.`);
      }
    }
    if (match.operation !== undefined && !OPERATIONS.includes(String(match.operation))) {
      throw badRequest(`The operation of a fault is one of ${OPERATIONS.join(', ')}.`);
    }
    const fault = {
      status,
      left: count,
      skip,
      retryAfterMs,
      applied: applied === true,
      match: match as Partial<Subject>,
    };
    this.faults.push(fault);
  }

  clear(): void {
    this.faults = [];
  }

  /** The fault that this request runs into, used up by it. */
  take(subject: Subject): PendingFault | undefined {
    for (const fault of this.faults) {
      const { operation, container, id } = fault.match;
      if ((operation ?? subject.operation) !== subject.operation) continue;
      // A fault without an operation is for item requests; the rest must be asked for.
      if (operation === undefined && ['bulk-item', 'metadata', 'plan'].includes(subject.operation)) continue;
      if ((container ?? subject.container) !== subject.container || (id ?? subject.id) !== subject.id) continue;
      if (fault.skip > 0) {
        fault.skip--;
        continue;
      }
      if (--fault.left <= 0) this.faults = this.faults.filter((other) => other !== fault);
      return { error: errorOf(fault), applied: fault.applied };
    }
    return undefined;
  }
}

function errorOf({ status, retryAfterMs }: Fault): CosmosError {
  if (status === 429) return new CosmosError(429, 'Request rate is large.', { substatus: 3200, retryAfterMs });
  return new CosmosError(status, `Injected fault ${status}.`, { retryAfterMs });
}

interface Count {
  requests: number;
  requestUnits: number;
  /** By HTTP status. */
  statuses: Record<string, number>;
}

/** Requests and request units, by container and operation. */
export class Stats {
  private counts: Record<string, Record<string, Count>> = {};

  add({ operation, container }: Subject, status: number, requestUnits: number): void {
    this.counts[container] ??= {};
    const byOperation = this.counts[container];
    byOperation[operation] ??= { requests: 0, requestUnits: 0, statuses: {} };
    const count = byOperation[operation];
    count.requests++;
    count.requestUnits += requestUnits;
    count.statuses[status] = (count.statuses[status] ?? 0) + 1;
  }

  reset(): void {
    this.counts = {};
  }

  toJSON(): unknown {
    return this.counts;
  }
}
