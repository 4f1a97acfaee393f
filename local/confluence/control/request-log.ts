import type { Answer, Exchange } from '../http/exchange.ts';

/** One request as the log keeps it. Tokens appear as a hash only. */
export interface LoggedRequest {
  id: number;
  /** Simulated time, ISO 8601. */
  at: string;
  method: string;
  path: string;
  query: string;
  status: number;
  /** 0 for what Confluence does not count. */
  points: number;
  objects: number;
  cloudId?: string;
  tokenHash?: string;
  userAgent: string;
  durationMs: number;
}

export interface LogFilter {
  since?: number;
  pathContains?: string;
  method?: string;
  cloudId?: string;
}

interface Counter {
  requests: number;
  points: number;
  objects: number;
}

const CAPACITY = 200_000;

/** The last 200,000 requests, and counters over all of them since the last reset. */
export class RequestLog {
  #ring: LoggedRequest[] = [];
  #nextId = 1;
  #total: Counter = { requests: 0, points: 0, objects: 0 };
  #writes = 0;
  #byStatus: Record<string, number> = {};
  #byPath = new Map<string, Counter>();
  #byCloudId = new Map<string, Counter>();

  record(exchange: Exchange, answer: Pick<Answer, 'status'>, at: string, durationMs: number): void {
    const { cloudId, tokenHash, points = 0, objects = 0 } = exchange.notes;
    const entry: LoggedRequest = {
      id: this.#nextId++,
      at,
      method: exchange.method,
      path: exchange.path,
      query: exchange.rawQuery,
      status: answer.status,
      points,
      objects,
      ...(cloudId ? { cloudId } : {}),
      ...(tokenHash ? { tokenHash } : {}),
      userAgent: exchange.headers['user-agent'] ?? '',
      durationMs: Math.round(durationMs * 10) / 10,
    };
    this.#ring[(entry.id - 1) % CAPACITY] = entry;
    this.#count(entry);
  }

  #count(entry: LoggedRequest): void {
    const { points, objects } = entry;
    for (const counter of [
      this.#total,
      counterOf(this.#byPath, `${entry.method} ${pathPattern(entry.path)}`),
      ...(entry.cloudId ? [counterOf(this.#byCloudId, entry.cloudId)] : []),
    ]) {
      counter.requests++;
      counter.points += points;
      counter.objects += objects;
    }
    this.#byStatus[entry.status] = (this.#byStatus[entry.status] ?? 0) + 1;
    if (isWrite(entry)) this.#writes++;
  }

  /** Oldest first. `since` is the id of the last entry that is already known. */
  list(filter: LogFilter): LoggedRequest[] {
    const first = Math.max(1, this.#nextId - CAPACITY, (filter.since ?? 0) + 1);
    const found: LoggedRequest[] = [];
    for (let id = first; id < this.#nextId; id++) {
      const entry = this.#ring[(id - 1) % CAPACITY];
      if (entry && matches(entry, filter)) found.push(entry);
    }
    return found;
  }

  stats(): object {
    return {
      ...this.#total,
      writes: this.#writes,
      byStatus: this.#byStatus,
      byPath: Object.fromEntries(this.#byPath),
      byCloudId: Object.fromEntries(this.#byCloudId),
    };
  }

  resetStats(): void {
    this.#total = { requests: 0, points: 0, objects: 0 };
    this.#writes = 0;
    this.#byStatus = {};
    this.#byPath.clear();
    this.#byCloudId.clear();
  }

  /** Forgets the entries; ids go on, so that `since` stays meaningful. */
  clear(): void {
    this.#ring = [];
  }
}

function matches(entry: LoggedRequest, { pathContains, method, cloudId }: LogFilter): boolean {
  return (
    (!pathContains || entry.path.includes(pathContains)) &&
    (!method || entry.method === method.toUpperCase()) &&
    (!cloudId || entry.cloudId === cloudId)
  );
}

/** Writes against Confluence, which nobody in this project should ever try. */
function isWrite({ method, path }: LoggedRequest): boolean {
  return path.startsWith('/ex/') && method !== 'GET' && method !== 'HEAD' && !path.endsWith('/users-bulk');
}

function counterOf(counters: Map<string, Counter>, key: string): Counter {
  let counter = counters.get(key);
  if (!counter) {
    counter = { requests: 0, points: 0, objects: 0 };
    counters.set(key, counter);
  }
  return counter;
}

/** A path with its ids replaced, so that counters group by route. */
function pathPattern(path: string): string {
  return path
    .replace(/^\/ex\/confluence\/[^/]+/, '')
    .split('/')
    .map((segment) => (/^(att)?\d+$/.test(segment) ? '{id}' : segment))
    .join('/');
}
