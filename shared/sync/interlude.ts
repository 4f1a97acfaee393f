import { patchConnection } from '../connection/update.ts';
import type { Position } from './position.ts';
import type { Run } from './run.ts';
import type { StepContext, StepOutcome } from './step.ts';
import { isSameProbe, newestPage } from './steps/probe.ts';

/**
 * A full run of a large site takes hours, and as long as it goes on no delta runs. So it does the deltas' work itself:
 * whenever one would be due it looks at the newest page and, when that is a new one, lists the changes before it goes on.
 */
export interface Interlude {
  /** Where the run goes on afterwards. */
  readonly goesOnAt: Position;
  readonly since: string;
}

/** Steps in which the spaces are known and there is still much to do. */
const LONG_STEPS: ReadonlySet<Position['step']> = new Set([
  'pages',
  'unlisted-spaces',
  'questions',
  'removals',
  'labels',
  'label-pages',
  'gone-labels',
  'page-labels',
  'attachments',
]);

/** When a run looks for changes next; `undefined` while it does not. */
export function nextLookAt({ deps: { settings }, run, connection }: StepContext): Date | undefined {
  if (run.mode !== 'full' || run.interlude || !LONG_STEPS.has(run.step) || !sinceOf(run, connection)) return undefined;
  const last = run.lastLook?.at ?? run.startedAt ?? run.createdAt;
  return new Date(Date.parse(last) + settings.SYNC_INTERVAL_MINUTES * 60_000);
}

/** Looks at the newest page; when it is not the one of the last look, the run lists the changes next. */
export async function look(context: StepContext): Promise<Partial<StepOutcome> & Partial<Run>> {
  const { deps, tenantId, gateway, run, connection } = context;
  const newest = await newestPage(gateway);
  const at = deps.now().toISOString();
  await patchConnection(deps, tenantId, () => [{ op: 'set', path: '/lastCheckedAt', value: at }]);
  const lastLook = { at, ...(newest ? { probe: newest } : {}) };
  const since = sinceOf(run, connection);
  if (!since || isSameProbe(newest, run.lastLook?.probe ?? run.probe)) return { lastLook };
  const goesOnAt = { step: run.step, cursor: run.cursor } as Position;
  return { lastLook, interlude: { goesOnAt, since }, position: { step: 'changes', cursor: null } };
}

function sinceOf(run: Run, { watermark }: StepContext['connection']): string | undefined {
  return (run.lastLook?.probe ?? run.probe)?.versionCreatedAt ?? watermark;
}
