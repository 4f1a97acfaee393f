import type { Connection, PassName } from '../connection/record.ts';
import type { Deps } from '../platform/deps.ts';
import { readItem } from '../platform/items.ts';
import { queryTenant } from '../platform/query.ts';
import { type Run, type RunCounters, type RunProblem, runItemId } from './run.ts';

/** A run as the dashboard sees it. */
export interface RunView {
  readonly runId: string;
  readonly mode: Run['mode'];
  readonly trigger: Run['trigger'];
  readonly state: Run['state'];
  readonly passes: readonly PassName[];
  /** What it is doing: a step's name, see {@link STEP_WORDS}. */
  readonly step: string;
  readonly activity: string;
  readonly counters: RunCounters;
  readonly estimatedPages?: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** While it waits for points or for Confluence to recover. */
  readonly resumeAt?: string;
  readonly problems: readonly RunProblem[];
  readonly moreProblems: number;
  readonly error?: { readonly code: string; readonly detail: string };
}

/** The `sync` member of a connection. */
export interface SyncView {
  readonly run?: RunView;
  readonly lastRun?: RunView;
  readonly lastCheckedAt?: string;
  readonly lastSyncedAt?: string;
  readonly nextSyncAt?: string;
  /** When each pass of a full sync is due. */
  readonly passes: Readonly<Partial<Record<PassName, { dueAt: string; lastSucceededAt?: string }>>>;
  readonly totals?: Connection['totals'];
  readonly failingSince?: string;
}

const STEP_WORDS: Record<Run['step'], string> = {
  probe: 'looking for the newest change',
  spaces: 'listing spaces',
  pages: 'reading pages',
  'unlisted-spaces': 'checking spaces that are not listed any more',
  questions: 'checking pages that are not listed any more',
  removals: 'removing pages that are gone',
  'stale-parts': 'tidying up',
  labels: 'listing labels',
  'label-pages': 'reading labels',
  'gone-labels': 'removing labels that are gone',
  'page-labels': 'reading labels',
  attachments: 'reading attachments',
  changes: 'reading changed pages',
  authors: 'reading names',
  finish: 'finishing',
};

/** How the tenant's sync stands: the run at work, the last one that ended, and what comes next. */
export async function syncView(deps: Pick<Deps, 'control'>, connection: Connection): Promise<SyncView> {
  const { tenantId, activeRunId, passes, status } = connection;
  const active = activeRunId ? await readItem<Run>(deps.control, tenantId, runItemId(activeRunId)) : undefined;
  const { runs } = await listRuns(deps, tenantId, { limit: 2 });
  const lastRun = runs.find((run) => run.endedAt !== undefined);
  return {
    ...(active ? { run: runView(active.item) } : {}),
    ...(lastRun ? { lastRun } : {}),
    ...pick(connection, ['lastCheckedAt', 'lastSyncedAt', 'totals']),
    ...(status === 'connected' ? pick(connection, ['nextSyncAt']) : {}),
    ...(connection.syncFailingSince ? { failingSince: connection.syncFailingSince } : {}),
    passes: Object.fromEntries(
      Object.entries(passes).map(([name, pass]) => [name, pick(pass, ['dueAt', 'lastSucceededAt'])]),
    ),
  };
}

/** Recent runs, newest first: run ids begin with their time, so the order of ids is the order of runs. */
export async function listRuns(
  deps: Pick<Deps, 'control'>,
  tenantId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ runs: RunView[]; nextCursor?: string }> {
  const { resources } = await queryTenant<Run>(deps.control, tenantId, {
    select: '*',
    where: `c.type = "run"${page.cursor === undefined ? '' : ' AND c.createdAt < @before'}`,
    parameters: { limit: page.limit + 1, ...(page.cursor === undefined ? {} : { before: page.cursor }) },
    tail: 'ORDER BY c.createdAt DESC OFFSET 0 LIMIT @limit',
  }).fetchAll();
  const runs = resources.slice(0, page.limit);
  const last = runs.at(-1);
  return {
    runs: runs.map(runView),
    ...(resources.length > page.limit && last ? { nextCursor: last.createdAt } : {}),
  };
}

function runView(run: Run): RunView {
  return {
    ...pick(run, ['runId', 'mode', 'trigger', 'state', 'passes', 'step', 'counters', 'createdAt', 'problems']),
    ...pick(run, ['moreProblems', 'estimatedPages', 'startedAt', 'endedAt', 'resumeAt', 'error']),
    activity: STEP_WORDS[run.step],
  };
}

/** The named members that are there. */
function pick<T extends object, K extends keyof T>(source: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    names.filter((name) => source[name] !== undefined).map((name) => [name, source[name]]),
  ) as Pick<T, K>;
}
