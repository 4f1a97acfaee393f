import type { Site } from '../atlassian/resources.ts';
import type { Deps } from '../platform/deps.ts';
import { nextTidyAt } from './due.ts';
import {
  adoptPending,
  askForSite,
  connect,
  disconnect,
  dropPending,
  eraseIndex,
  eraseIndexIfAsked,
  nothing,
  requireReconnect,
  switchFromUnusableSite,
  switchSite,
  unreachable,
  waitForChoice,
} from './moves.ts';
import type { Connection, ConnectionStatus, Grant, ReconnectReason } from './record.ts';

/** What can happen to a connection. The four consents are one event at the dashboard, told apart by {@link consent}. */
export type Trigger =
  | { readonly kind: 'consent-one-site'; readonly grant: Grant; readonly site: Site; readonly sites: readonly Site[] }
  | { readonly kind: 'consent-several-sites'; readonly grant: Grant; readonly sites: readonly Site[] }
  | { readonly kind: 'consent-with-site'; readonly grant: Grant; readonly site: Site; readonly sites: readonly Site[] }
  | { readonly kind: 'consent-without-site'; readonly grant: Grant; readonly sites: readonly Site[] }
  | { readonly kind: 'pick-site'; readonly site: Site }
  | { readonly kind: 'pick-pending-site'; readonly site: Site }
  | { readonly kind: 'require-reconnect'; readonly reason: ReconnectReason }
  | { readonly kind: 'disconnect'; readonly eraseIndex: boolean }
  | { readonly kind: 'drop-pending' }
  | { readonly kind: 'erase-index' };

export type TriggerKind = Trigger['kind'];

/** What a transition leads to. */
export interface Outcome {
  readonly connection: Connection;
  /** `start`: a first full run belongs into the same batch; `cancel`: the active run has lost its purpose. */
  readonly run: 'start' | 'keep' | 'cancel';
}

export interface Context {
  readonly settings: Deps['settings'];
  readonly now: Date;
}

type Move<K extends TriggerKind> = (
  connection: Connection,
  trigger: Extract<Trigger, { kind: K }>,
  context: Context,
) => Outcome | undefined;

type Row = { readonly [K in TriggerKind]: Move<K> };

/**
 * Every transition: what happens in which status. `nothing` means that the trigger comes too late or twice and changes
 * nothing. {@link consent} makes sure that a cell marked `unreachable` is never asked for.
 */
export const transitions: { readonly [S in ConnectionStatus]: Row } = {
  disconnected: {
    'consent-one-site': connect,
    'consent-several-sites': askForSite,
    'consent-with-site': unreachable,
    'consent-without-site': unreachable,
    'pick-site': nothing,
    'pick-pending-site': nothing,
    'require-reconnect': nothing,
    disconnect: eraseIndexIfAsked,
    'drop-pending': nothing,
    'erase-index': eraseIndex,
  },
  choosing_site: {
    'consent-one-site': connect,
    'consent-several-sites': askForSite,
    'consent-with-site': unreachable,
    'consent-without-site': unreachable,
    'pick-site': switchSite,
    'pick-pending-site': nothing,
    'require-reconnect': nothing,
    disconnect,
    'drop-pending': nothing,
    'erase-index': eraseIndex,
  },
  connected: {
    'consent-one-site': unreachable,
    'consent-several-sites': unreachable,
    'consent-with-site': connect,
    'consent-without-site': waitForChoice,
    'pick-site': switchSite,
    'pick-pending-site': adoptPending,
    'require-reconnect': requireReconnect,
    disconnect,
    'drop-pending': dropPending,
    'erase-index': nothing,
  },
  reconnect_required: {
    'consent-one-site': unreachable,
    'consent-several-sites': unreachable,
    'consent-with-site': connect,
    'consent-without-site': waitForChoice,
    'pick-site': switchFromUnusableSite,
    'pick-pending-site': adoptPending,
    'require-reconnect': requireReconnect,
    disconnect,
    'drop-pending': dropPending,
    'erase-index': nothing,
  },
};

/** Looks the transition up and carries it out. `undefined`: the trigger changes nothing in this status. */
export function step(connection: Connection, trigger: Trigger, context: Context): Outcome | undefined {
  const move = transitions[connection.status][trigger.kind] as Move<TriggerKind>;
  const outcome = move(connection, trigger, context);
  if (!outcome) return undefined;
  const { tidyAt: _, ...rest } = outcome.connection;
  const tidyAt = nextTidyAt(rest, context.settings, context.now);
  return { ...outcome, connection: { ...rest, ...(tidyAt ? { tidyAt } : {}) } };
}

/** Which kind of consent an accepted grant is for this connection. `sites` is not empty. */
export function consent(connection: Connection, grant: Grant, sites: readonly Site[]): Trigger {
  const [first] = sites;
  if (!first) throw new Error('a grant without a site cannot be accepted');
  if (connection.status === 'connected' || connection.status === 'reconnect_required') {
    const site = sites.find(({ cloudId }) => cloudId === connection.site?.cloudId);
    return site ? { kind: 'consent-with-site', grant, site, sites } : { kind: 'consent-without-site', grant, sites };
  }
  return sites.length === 1
    ? { kind: 'consent-one-site', grant, site: first, sites }
    : { kind: 'consent-several-sites', grant, sites };
}
