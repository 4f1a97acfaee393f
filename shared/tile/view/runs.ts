import type { Run } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { State } from '../state.ts';
import { duration } from '../time.ts';
import { count, problemWords, runSummary, runTitle } from '../words.ts';
import { loadFailure, section, skeleton, timeText } from './parts.ts';

const SHOWN = 5;

const STATE_WORDS: Readonly<Record<Run['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  succeeded: 'Done',
  failed: 'Failed',
  canceled: 'Stopped',
};

/** What recent runs changed, and what failed. */
export function runsView(runs: State['runs'], actions: Actions): VNode {
  return section('runs', 'Recent syncs', content(runs, actions));
}

function content(runs: State['runs'], actions: Actions): Child {
  switch (runs.state) {
    case 'loading':
      return skeleton(3, 'Loading recent syncs');
    case 'failed':
      return loadFailure('Recent syncs', runs.problem, actions.reloadRuns);
    case 'ready':
      return ended(runs.value.filter((run) => run.endedAt !== undefined));
  }
}

/** The run under way has its own place, with its progress. */
function ended(runs: readonly Run[]): VNode {
  if (runs.length === 0) return h('p', { class: 'muted' }, 'No sync has ended yet.');
  return h('ol', { class: 'runs' }, runs.slice(0, SHOWN).map(runItem));
}

function runItem(run: Run): VNode {
  const { runId, state, createdAt, startedAt, endedAt } = run;
  return h(
    'li',
    { key: runId, class: `run ${state}` },
    h(
      'p',
      { class: 'run-head' },
      h('span', { class: `tag ${state}` }, STATE_WORDS[state]),
      h('strong', {}, runTitle(run)),
      h(
        'span',
        { class: 'muted' },
        timeText(createdAt),
        startedAt && endedAt && `, took ${duration(startedAt, endedAt)}`,
      ),
    ),
    h('p', {}, runSummary(run)),
    problems(run),
  );
}

function problems({ problems: listed = [], moreProblems = 0 }: Run): Child {
  const all = listed.length + moreProblems;
  if (all === 0) return null;
  return h(
    'details',
    {},
    h('summary', {}, `${count(all, 'thing')} could not be synced`),
    h(
      'ul',
      {},
      listed.map((problem) => h('li', {}, problemWords(problem))),
      moreProblems > 0 && h('li', {}, `and ${moreProblems} more`),
    ),
  );
}
