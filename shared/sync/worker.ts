import { confirmReconnect } from '../connection/confirm.ts';
import { readConnection } from '../connection/record.ts';
import type { Deps } from '../platform/deps.ts';
import { isAnswering } from './bodies.ts';
import { addCounts, addProblems, checkpoint, handOver, RunTakenOver } from './checkpoint.ts';
import { failRun, finishRun } from './end-run.ts';
import { type Reaction, reactTo } from './failure.ts';
import { look, nextLookAt } from './interlude.ts';
import type { Message } from './message.ts';
import type { Position } from './position.ts';
import { askPoints, parkBudget, recordUsage } from './quota.ts';
import type { Permit, Purpose } from './quota-policy.ts';
import type { Run } from './run.ts';
import { afterPass, passOf, problem, type StepOutcome } from './step.ts';
import { runStep } from './steps/table.ts';
import { beginTurn, expectedPoints, isInteractive, leaseEnd, NOTHING_SPENT, purposeOf, type Turn } from './turn.ts';

/**
 * Works on a run for one slice: unit after unit, each checkpointed, until the work is done, the points are spent, or
 * the slice is over; then the next message is sent and other tenants take their turn.
 *
 * A message that does not fit the run's epoch is stale and dropped; so is this worker when somebody else has written
 * the run. Never throws for trouble with Confluence; what it throws makes the queue deliver the message again.
 */
export async function workOnRun(deps: Deps, message: Extract<Message, { kind: 'run' }>): Promise<void> {
  const endAt = performance.now() + deps.settings.WORK_SLICE_SECONDS * 1000;
  try {
    const turn = await beginTurn(deps, message, endAt);
    while (turn && (await workOnce(turn))) {
      if (performance.now() >= endAt) {
        await handOver(deps, turn.progress.stored, {});
        return;
      }
    }
  } catch (error) {
    if (!(error instanceof RunTakenOver)) throw error;
    deps.log.info('run_taken_over', { tenantId: message.tenantId, runId: message.runId });
  }
}

/** One unit of work. False when this turn is over. */
async function workOnce(turn: Turn): Promise<boolean> {
  const { deps, context } = turn;
  const run = turn.progress.stored.item;
  if (run.step === 'finish') {
    await finishRun(deps, turn.progress.stored);
    return false;
  }
  const lookAt = nextLookAt(context);
  const looks = lookAt !== undefined && lookAt <= deps.now();
  const isPaidFor = !looks && run.step === 'pages' && (await context.ahead.isUnderWay());
  const permit: Permit = isPaidFor
    ? { granted: true }
    : await askPoints(
        deps,
        run.tenantId,
        looks ? 'delta' : purposeOf(run),
        looks ? 2 : expectedPoints(run),
        isInteractive(run),
      );
  if (!permit.granted) {
    // Who waits for points still looks for changes in time.
    const resumeAt = lookAt && lookAt < permit.resumeAt && !looks ? lookAt : permit.resumeAt;
    await handOver(deps, turn.progress.stored, { resumeAt: resumeAt.toISOString() });
    return false;
  }
  try {
    if (looks) {
      const { position, ...changes } = await look(context);
      await commit(turn, position ? { position } : {}, { ...changes, failuresInRow: 0 }, 'delta');
    } else {
      const outcome = await keepingLease(turn, () =>
        runStep(context, { step: run.step, cursor: run.cursor } as Position),
      );
      await commit(turn, outcome, { failuresInRow: 0 });
    }
  } catch (error) {
    return onFailure(turn, error);
  }
  return true;
}

/** A unit that takes long, for many pages asked one by one, must not look dead: its lease is extended meanwhile. */
async function keepingLease<T>({ deps, progress }: Turn, work: () => Promise<T>): Promise<T> {
  let beats = Promise.resolve();
  const beat = async () => {
    progress.stored = await checkpoint(deps, progress.stored, { leaseUntil: leaseEnd(deps) });
  };
  const timer = setInterval(
    () => {
      beats = beats.then(beat);
      // Reported below: the unit ends first.
      beats.catch(() => clearInterval(timer));
    },
    (deps.settings.RUN_LEASE_SECONDS * 1000) / 4,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await beats;
  }
}

/** Writes what a unit came to: its counts, its problems, where to go on, and what it spent. */
async function commit(
  turn: Turn,
  outcome: Partial<StepOutcome>,
  changes: Partial<Run>,
  purpose: Purpose = purposeOf(turn.progress.stored.item),
): Promise<void> {
  const { deps, progress } = turn;
  const run = afterInterlude(progress.stored.item, outcome.position);
  const { spent } = progress;
  progress.spent = NOTHING_SPENT;
  if (spent.requests > 0) await recordUsage(deps, run.tenantId, purpose, spent);
  const pass = passOf(run.step);
  progress.stored = await checkpoint(
    deps,
    { ...progress.stored, item: run },
    {
      ...changes,
      ...(outcome.position ?? {}),
      ...(outcome.probe ? { probe: outcome.probe } : {}),
      ...(outcome.estimatedPages === undefined ? {} : { estimatedPages: outcome.estimatedPages }),
      ...(pass ? { passPoints: { ...run.passPoints, [pass]: (run.passPoints[pass] ?? 0) + spent.points } } : {}),
      created: (run.created ?? 0) + (outcome.created ?? 0),
      counters: addCounts(run.counters, { ...outcome.counts, requests: spent.requests, points: spent.points }),
      ...addProblems(run, outcome.problems ?? []),
      leaseUntil: leaseEnd(deps),
    },
  );
}

/** An interlude is over when its step is. */
function afterInterlude(run: Run, next: Position | undefined): Run {
  if (!run.interlude || !next || next.step === 'changes') return run;
  const { interlude: _, ...rest } = run;
  return rest;
}

async function onFailure(turn: Turn, error: unknown): Promise<boolean> {
  const { deps, progress } = turn;
  const run = progress.stored.item;
  if (error instanceof RunTakenOver) throw error;
  deps.log.warn('run_step_failed', { tenantId: run.tenantId, runId: run.runId, step: run.step, error });
  // A refresh or a call may have found that only the customer can go on; the run was canceled with that.
  if ((await readConnection(deps, run.tenantId))?.item.status !== 'connected') throw new RunTakenOver(run.runId);

  const reaction = reactTo(error, run, {
    settings: deps.settings,
    now: deps.now(),
    tokenIsFresh: progress.tokenIsFresh,
  });
  if (reaction.do !== 'confirm') return carryOut(turn, reaction);
  await commit(turn, {}, {});
  if (await confirmReconnect(deps, run.tenantId, error)) throw new RunTakenOver(run.runId);
  return carryOut(turn, reaction.otherwise);
}

/** Does what was decided about a failure. False when this turn is over. */
async function carryOut(turn: Turn, reaction: Exclude<Reaction, { do: 'confirm' }>): Promise<boolean> {
  const { deps, context, progress } = turn;
  const run = progress.stored.item;
  switch (reaction.do) {
    case 'retry': {
      if (reaction.unlessDown && !(await isAnswering(context.gateway))) return carryOut(turn, reaction.unlessDown);
      const problems = reaction.problem ? [problem(context, reaction.problem.code, reaction.problem.detail)] : [];
      await commit(turn, { position: reaction.position, problems }, {});
      return true;
    }
    case 'refresh-and-retry':
      try {
        await context.freshToken();
      } catch (error) {
        // Without a fresh token the same failure comes again; this one says why.
        progress.tokenIsFresh = true;
        return onFailure(turn, error);
      }
      await commit(turn, {}, {});
      return true;
    case 'park': {
      const resumeAt = reaction.wholeBudget
        ? await parkBudget(deps, run.tenantId, reaction.resumeAt)
        : reaction.resumeAt;
      await commit(turn, reaction.position ? { position: reaction.position } : {}, {
        failuresInRow: run.failuresInRow + (reaction.counted ? 1 : 0),
      });
      await handOver(deps, progress.stored, { resumeAt: resumeAt.toISOString() });
      return false;
    }
    case 'skip-pass': {
      const pass = passOf(run.step);
      const position: Position = pass === undefined ? { step: 'finish', cursor: null } : afterPass(run, pass);
      const problems = [problem(context, 'pass_failed', `${pass ?? run.step}: ${reaction.detail}`)];
      await commit(turn, { position, problems }, pass ? { failedPasses: [...run.failedPasses, pass] } : {});
      return true;
    }
    case 'fail':
      await commit(turn, {}, {});
      await failRun(deps, progress.stored, { code: reaction.code, detail: reaction.detail });
      return false;
  }
}
