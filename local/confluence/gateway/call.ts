import type { Site } from '../content/sites.ts';
import type { Viewer } from '../content/visibility.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Simulator } from '../simulator.ts';

/** An admitted call of a Confluence route. */
export interface Call {
  readonly simulator: Simulator;
  readonly exchange: Exchange;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly site: Site;
  readonly viewer: Viewer;
  /** Counts what the answer holds, for the points. */
  charge(cost: { objects?: number; identities?: number }): void;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

export interface GatewayRoute {
  /** Any one of these is enough. */
  readonly scopes: readonly string[];
  readonly handler: Handler;
}
