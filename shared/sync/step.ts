import type { Gateway } from '../atlassian/gateway.ts';
import type { MisfitItem } from '../atlassian/list.ts';
import type { Site } from '../atlassian/resources.ts';
import type { Connection, PassName } from '../connection/record.ts';
import type { SpaceItem } from '../index/spaces.ts';
import type { Deps } from '../platform/deps.ts';
import type { ListAhead } from './list-ahead.ts';
import type { Cursors, Position, StepName } from './position.ts';
import type { Run, RunCounters, RunProblem } from './run.ts';
import type { PagesQuery } from './steps/pages.ts';

/** What a step works with. */
export interface StepContext {
  readonly deps: Deps;
  readonly tenantId: string;
  readonly site: Site;
  readonly connection: Connection;
  readonly run: Run;
  readonly gateway: Gateway;
  /** Listings of pages by id, one API page ahead. */
  readonly ahead: ListAhead<PagesQuery>;
  /** All stored spaces of the site, read once a slice and again after {@link StepContext.forgetSpaces}. */
  spaces(): Promise<readonly SpaceItem[]>;
  forgetSpaces(): void;
  /**
   * Makes sure that the token was issued in this slice. An expired token has been seen to answer 404, so nothing is
   * concluded from absence before this.
   */
  freshToken(): Promise<void>;
}

/** What one unit of work, about one API page, came to. It is checkpointed before the next one begins. */
export interface StepOutcome {
  readonly position: Position;
  readonly counts?: Partial<RunCounters>;
  readonly problems?: readonly RunProblem[];
  readonly probe?: Run['probe'];
  readonly estimatedPages?: number;
  /** Pages that the index did not have. */
  readonly created?: number;
}

/** One unit of work of a step. Repeating it after a crash must be harmless: it may have happened already. */
export type Step<S extends StepName> = (context: StepContext, cursor: Cursors[S]) => Promise<StepOutcome>;

const PASS_BEGINS: Record<PassName, Position> = {
  ids: { step: 'spaces', cursor: { typeIndex: 0, limit: 250 } },
  labels: { step: 'labels', cursor: { limit: 250 } },
  attachments: { step: 'attachments', cursor: { limit: 250, boundaryIds: [], sorted: true } },
};

/** Where a run goes on when a pass is over, or (without one) after its probe. */
export function afterPass(run: Pick<Run, 'passes'>, done?: PassName): Position {
  const next = run.passes[done === undefined ? 0 : run.passes.indexOf(done) + 1];
  return next === undefined ? { step: 'authors', cursor: null } : PASS_BEGINS[next];
}

/** Which pass a step belongs to; the rest of the steps serve all. */
export function passOf(step: StepName): PassName | undefined {
  switch (step) {
    case 'spaces':
    case 'pages':
    case 'unlisted-spaces':
    case 'questions':
    case 'removals':
    case 'stale-parts':
      return 'ids';
    case 'labels':
    case 'label-pages':
    case 'gone-labels':
    case 'page-labels':
      return 'labels';
    case 'attachments':
      return 'attachments';
    default:
      return undefined;
  }
}

export function problem(context: Pick<StepContext, 'deps'>, code: string, detail: string): RunProblem {
  return { code, detail: detail.slice(0, 300), at: context.deps.now().toISOString() };
}

/** Items that did not fit the schemas: on the run's record, and counted as seen. */
export function misfitProblems(
  context: Pick<StepContext, 'deps'>,
  what: string,
  misfits: readonly MisfitItem[],
): RunProblem[] {
  return misfits.map(({ id, problem: text }) =>
    problem(context, 'item_misfit', `${what} ${id ?? 'without id'}: ${text}`),
  );
}
