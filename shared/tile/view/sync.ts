import type { Connection, Run, SyncStatus } from '../api-types.ts';
import type { Actions } from '../controller.ts';
import { type Child, h, type VNode } from '../dom.ts';
import type { State } from '../state.ts';
import { clockTime } from '../time.ts';
import { count, errorWords, number, runTitle } from '../words.ts';
import { button, notice, section, timeText } from './parts.ts';

/** How the sync stands: the run at work with its progress, or when it ran and runs next. */
export function syncView(state: State, { sync }: Connection, actions: Actions): VNode {
  return section(
    'sync',
    'Sync',
    sync?.run ? progress(sync.run, sync) : state.busy === 'sync' ? starting() : failure(sync, actions),
    totals(sync),
    h(
      'dl',
      { class: 'facts' },
      fact('Last sync', sync?.lastSyncedAt ? timeText(sync.lastSyncedAt) : 'not yet'),
      fact('Last checked', sync?.lastCheckedAt ? timeText(sync.lastCheckedAt) : 'not yet'),
      fact('Next sync', nextSync(sync)),
      fullSyncFact(sync),
    ),
  );
}

function nextSync(sync: SyncStatus | undefined): Child {
  if (sync?.run) return 'after this one';
  if (sync?.nextSyncAt === undefined) return 'not planned';
  return Date.parse(sync.nextSyncAt) <= Date.now() ? 'now' : timeText(sync.nextSyncAt);
}

/** Deltas find what was changed; a full sync also finds what is gone. */
function fullSyncFact(sync: SyncStatus | undefined): Child {
  const dueAt = sync?.passes?.ids?.dueAt;
  return !sync?.run && dueAt !== undefined && Date.parse(dueAt) > Date.now() && fact('Next full sync', timeText(dueAt));
}

function fact(name: string, value: Child): VNode {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}

function totals(sync: SyncStatus | undefined): Child {
  if (!sync?.totals) return null;
  const { pages, spaces, attachments } = sync.totals;
  const figure = (value: number, word: string) =>
    h('div', {}, h('dt', {}, word), h('dd', { class: 'figure' }, number(value)));
  return h(
    'dl',
    { class: 'figures' },
    figure(pages, 'Pages'),
    figure(spaces, 'Spaces'),
    figure(attachments, 'Attachments'),
  );
}

function failure(sync: SyncStatus | undefined, actions: Actions): Child {
  const { lastRun, failingSince } = sync ?? {};
  if (lastRun?.state !== 'failed') return null;
  return notice(
    {
      tone: 'bad',
      title: 'The last sync failed.',
      text: `${errorWords(lastRun)} What is in the index stays searchable.`,
    },
    failingSince !== undefined &&
      h('p', { class: 'muted' }, 'No sync has succeeded since ', timeText(failingSince), '.'),
    h('p', { class: 'actions' }, button('Try again', actions.triggerSync)),
  );
}

function starting(): VNode {
  return h(
    'div',
    { class: 'progress', key: 'progress' },
    h('p', { class: 'progress-title' }, 'Starting…'),
    bar('Starting'),
  );
}

function progress(run: Run, sync: SyncStatus): VNode {
  const { counters } = run;
  const expected = run.estimatedPages ?? sync.totals?.pages;
  const seen = counters.found;
  const pages =
    expected && expected >= seen ? `${number(seen)} of about ${count(expected, 'page')}` : count(seen, 'page');
  return h(
    'div',
    { class: 'progress', key: 'progress' },
    h('p', { class: 'progress-title' }, h('strong', {}, runTitle(run)), ' ', activity(run)),
    bar(pages, expected && seen / expected),
    h(
      'p',
      { class: 'counts' },
      counters.spaces > 0 && h('span', {}, count(counters.spaces, 'space')),
      h('span', {}, pages),
      counters.written > 0 && h('span', {}, `${number(counters.written)} updated`),
      counters.removed > 0 && h('span', {}, `${number(counters.removed)} removed`),
      counters.attachments > 0 && h('span', {}, count(counters.attachments, 'attachment')),
      counters.skipped > 0 && h('span', {}, `${number(counters.skipped)} left out`),
    ),
  );
}

function activity({ state, activity: words, resumeAt }: Run): string {
  if (state === 'queued') return 'waiting for its turn';
  if (state === 'waiting')
    return resumeAt ? `waiting for Atlassian, goes on at ${clockTime(resumeAt)}` : 'waiting for Atlassian';
  return words ?? 'under way';
}

/** A bar that moves on its own while nobody knows how far it is to go. */
function bar(text: string, share?: number): VNode {
  return h(
    'div',
    {
      class: share === undefined ? 'bar unknown' : 'bar',
      role: 'progressbar',
      'aria-label': 'Sync progress',
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-valuenow': share === undefined ? undefined : String(Math.round(Math.min(1, share) * 100)),
      'aria-valuetext': text,
      vars: { '--share': String(Math.min(1, share ?? 0)) },
    },
    h('span', {}),
  );
}
