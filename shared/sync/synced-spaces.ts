import type { SpaceItem } from '../index/spaces.ts';
import type { StepContext } from './step.ts';

/** Whether a run lists this space: it was listed as a space of a synced type, by this run or the last full one. */
export function isSynced({ connection, run }: Pick<StepContext, 'connection' | 'run'>, space: SpaceItem): boolean {
  if (connection.excludedKeys.includes(space.key)) return false;
  return run.mode === 'full' && run.passes.includes('ids')
    ? space.listedIn === run.runId
    : space.missingSince === undefined;
}
