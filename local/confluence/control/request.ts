import { findSite, type Site } from '../content/sites.ts';
import type { Answer } from '../http/exchange.ts';
import type { Simulator } from '../simulator.ts';

export interface ControlRequest {
  readonly simulator: Simulator;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body; `{}` when there is none. Handlers parse it. */
  readonly body: unknown;
}

export type ControlHandler = (request: ControlRequest) => Answer | Promise<Answer>;
export type ControlRoute = readonly [method: string, pattern: string, handler: ControlHandler];

/** A control request that cannot be done, and why. */
export class Refused extends Error {
  override readonly name = 'Refused' as const;
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function siteOf({ simulator, params }: ControlRequest): Site {
  const site = findSite(simulator, params.cloudId ?? '');
  if (!site) throw new Refused(404, `there is no site with the cloudId ${params.cloudId}`);
  return site;
}
