import type { Usage } from '../atlassian/gateway.ts';
import type { Site } from '../atlassian/resources.ts';
import { connectionGateway } from '../connection/gateway.ts';
import { type Connection, readConnection } from '../connection/record.ts';
import { getAccessToken } from '../connection/tokens.ts';
import { readSpaces, type SpaceItem } from '../index/spaces.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem, type Stored } from '../platform/items.ts';
import { checkpoint } from './checkpoint.ts';
import { cancelRun } from './end-run.ts';
import { ListAhead } from './list-ahead.ts';
import type { Message } from './message.ts';
import { askPoints, budgetOf } from './quota.ts';
import type { Purpose } from './quota-policy.ts';
import { isEnded, type Run, runItemId } from './run.ts';
import type { StepContext } from './step.ts';
import { listPages, type PagesQuery } from './steps/pages.ts';

/** What changes while a worker works on a run. */
export interface Progress {
  /** The latest checkpoint. */
  stored: Stored<Run>;
  /** Spent since that checkpoint. */
  spent: Spent;
  /** The token was issued in this turn. */
  tokenIsFresh: boolean;
}

type Spent = { readonly requests: number; readonly points: number } & ReturnType<typeof budgetOf>;

/** One worker's slice of a run. */
export interface Turn {
  readonly deps: Deps;
  readonly context: StepContext;
  readonly progress: Progress;
}

/** No API page is listed ahead later than this before the end of a turn. */
const LAST_HEAD_START_MS = 5_000;

export const NOTHING_SPENT: Spent = { requests: 0, points: 0 };

/** Takes the run up, if the message is for its present epoch and nobody else works on it. */
export async function beginTurn(
  deps: Deps,
  message: Extract<Message, { kind: 'run' }>,
  endAt: number,
): Promise<Turn | undefined> {
  const { tenantId, runId, epoch } = message;
  const stored = await readItem<Run>(deps.control, tenantId, runItemId(runId));
  const now = deps.now();
  if (!stored || isEnded(stored.item.state) || stored.item.epoch !== epoch) {
    deps.log.info('stale_message_dropped', { tenantId, runId, epoch, runEpoch: stored?.item.epoch });
    return undefined;
  }
  const { leaseUntil } = stored.item;
  if (stored.item.state === 'running' && leaseUntil !== undefined && Date.parse(leaseUntil) > now.getTime()) {
    deps.log.info('duplicate_message_dropped', { tenantId, runId, epoch });
    return undefined;
  }
  const connection = await readConnection(deps, tenantId);
  if (connection?.item.status !== 'connected' || connection.item.site?.cloudId !== stored.item.cloudId) {
    await cancelRun(deps, stored);
    return undefined;
  }
  const running = await checkpoint(deps, stored, {
    state: 'running',
    leaseUntil: leaseEnd(deps),
    startedAt: stored.item.startedAt ?? now.toISOString(),
  });
  const progress: Progress = { stored: running, spent: NOTHING_SPENT, tokenIsFresh: false };
  return { deps, progress, context: createContext(deps, connection, connection.item.site, progress, endAt) };
}

function createContext(
  deps: Deps,
  connection: Stored<Connection>,
  site: Site,
  progress: Progress,
  endAt: number,
): StepContext {
  const { tenantId } = connection.item;
  const gateway = connectionGateway(deps, connection, { onUsage: (usage) => note(progress, usage) });
  // What is listed ahead at the end of a turn is lost, and its points with it.
  const mayListAhead = async ({ limit }: PagesQuery) =>
    performance.now() < endAt - LAST_HEAD_START_MS &&
    (
      await askPoints(
        deps,
        tenantId,
        'bulk',
        1 + limit + expectedPoints(progress.stored.item),
        isInteractive(progress.stored.item),
      )
    ).granted;
  let spaces: Promise<SpaceItem[]> | undefined;
  return {
    deps,
    tenantId,
    site,
    connection: connection.item,
    gateway,
    ahead: new ListAhead((query) => listPages(gateway, query), mayListAhead),
    get run() {
      return progress.stored.item;
    },
    spaces() {
      spaces ??= readSpaces(deps, tenantId, site.cloudId);
      return spaces;
    },
    forgetSpaces() {
      spaces = undefined;
    },
    freshToken: () => freshToken(deps, tenantId, progress),
  };
}

async function freshToken(deps: Deps, tenantId: string, progress: Progress): Promise<void> {
  if (progress.tokenIsFresh) return;
  const rejected = await getAccessToken(deps, tenantId);
  await getAccessToken(deps, tenantId, { rejected });
  progress.tokenIsFresh = true;
}

function note(progress: Progress, { points, answer }: Usage): void {
  const { requests, points: before } = progress.spent;
  progress.spent = { ...progress.spent, requests: requests + 1, points: before + points, ...budgetOf(answer) };
}

export function purposeOf(run: Run): Purpose {
  return run.mode === 'delta' || run.interlude ? 'delta' : 'bulk';
}

/** A person waits for it. */
export function isInteractive({ trigger }: Run): boolean {
  return trigger !== 'schedule';
}

/** What the next unit costs by its listing; the bodies and labels of what changed come on top and are recorded. */
export function expectedPoints(run: Run): number {
  const limit = run.cursor !== null && 'limit' in run.cursor ? run.cursor.limit : 25;
  return 1 + limit;
}

export function leaseEnd(deps: Deps): string {
  return new Date(deps.now().getTime() + deps.settings.RUN_LEASE_SECONDS * 1000).toISOString();
}
