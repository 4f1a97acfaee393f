import { createAgentActions } from './agent-actions.ts';
import { type ApiProblem, createApi } from './api.ts';
import type { Connection } from './api-types.ts';
import { createConnectFlow } from './connect-flow.ts';
import { createIndexActions } from './index-actions.ts';
import { pollDelayMs, startPolling } from './polling.ts';
import { type Context, type Dialog, failed, INITIAL_STATE, problemNotice, type State } from './state.ts';
import { clockTime } from './time.ts';
import { runSummary } from './words.ts';

export type Controller = ReturnType<typeof createController>;
/** What views may do. */
export type Actions = Controller['actions'];

export interface ControllerOptions {
  /** The dashboard backend's path for this tenant. */
  readonly base: string;
  readonly appOrigin: string;
  readonly onChange: (state: State) => void;
}

/** Holds the tile's state, keeps it up to date, and does what people ask for. */
export function createController({ base, appOrigin, onChange }: ControllerOptions) {
  const api = createApi(base);
  let current = INITIAL_STATE;
  let stopped = false;
  const context: Context = {
    state: () => current,
    set(change) {
      // An answer that comes after the end belongs to another tenant than the one on the page.
      if (stopped) return;
      current = { ...current, ...change };
      onChange(current);
    },
    refresh: () => polling.now(),
  };
  const { state, set, refresh } = context;
  const polling = startPolling(look, () => pollDelayMs(current));
  const flow = createConnectFlow(api, context, appOrigin);
  const agents = createAgentActions(api, context);
  const index = createIndexActions(api, context);
  /** What the lists below the connection were loaded for; they are loaded anew when it changes. */
  let loadedFor = '';

  async function look(): Promise<void> {
    let connection: Connection;
    try {
      connection = await api.connection();
    } catch (problem) {
      if (current.connection.state === 'ready') set({ stale: problem as ApiProblem });
      else set({ connection: failed(problem) });
      return;
    }
    announceSync(connection);
    set({ connection: { state: 'ready', value: connection }, stale: undefined });
    flow.onConnection();
    loadLists(connection);
  }

  function loadLists({ status, site, sync }: Connection): void {
    if (!site || status === 'disconnected') {
      loadedFor = '';
      return;
    }
    const wanted = `${site.cloudId} ${status} ${sync?.run?.runId ?? ''} ${sync?.lastRun?.runId ?? ''} ${sync?.lastRun?.endedAt ?? ''}`;
    if (wanted === loadedFor) return;
    if (loadedFor === '') agents.loadAgents();
    // What was found on another site must not stand under this one's name.
    else if (!loadedFor.startsWith(site.cloudId)) set({ search: INITIAL_STATE.search, spaces: INITIAL_STATE.spaces });
    loadedFor = wanted;
    void loadRuns();
    if (status === 'connected') index.loadSpaces();
  }

  async function loadRuns(): Promise<void> {
    try {
      set({ runs: { state: 'ready', value: await api.runs() } });
    } catch (problem) {
      set({ runs: failed(problem) });
    }
  }

  /** Says when a sync begins and how it ended, not every number in between. */
  function announceSync({ sync }: Connection): void {
    const before = current.connection.state === 'ready' ? current.connection.value.sync : undefined;
    if (!before || !sync) return;
    if (sync.run && !before.run) set({ announcement: 'A sync has started.' });
    if (sync.lastRun && sync.lastRun.runId !== before.lastRun?.runId)
      set({ announcement: `The sync has ended. ${runSummary(sync.lastRun)}` });
  }

  /** Runs a call that changes the connection; afterwards the tile looks again, whatever came of it. */
  async function change(busy: NonNullable<State['busy']>, failure: string, call: () => Promise<void>): Promise<void> {
    set({ busy, notice: undefined });
    try {
      await call();
    } catch (problem) {
      set({ notice: problemNotice(failure, problem) });
    }
    await refresh();
    set({ busy: undefined });
  }

  async function triggerSync(): Promise<void> {
    const { mode, fullAt } = await api.sync();
    if (mode === 'full' || fullAt === undefined) return;
    const at = clockTime(fullAt);
    set({
      notice: {
        tone: 'info',
        title: 'Changed pages first.',
        text: `This hour's share of Atlassian's request points is spent. Changed pages are read now, the full sync follows at ${at}.`,
      },
    });
  }

  async function chooseSite(cloudId: string): Promise<void> {
    const connection = await api.chooseSite(cloudId);
    set({
      connection: { state: 'ready', value: connection },
      pickingSite: false,
      pickedSite: undefined,
      announcement: `Confluence is connected to ${connection.site?.url ?? 'your site'}.`,
    });
  }

  async function disconnect(deleteIndex: boolean): Promise<void> {
    const connection = await api.disconnect(deleteIndex);
    set({
      ...INITIAL_STATE,
      connection: { state: 'ready', value: connection },
      announcement: 'Confluence is disconnected.',
    });
  }

  return {
    actions: {
      ...flow,
      ...agents,
      ...index,
      retry() {
        if (current.connection.state === 'failed') set({ connection: { state: 'loading' } });
        void refresh();
      },
      reloadRuns: () => void loadRuns(),
      pickSite: (cloudId: string) => set({ pickedSite: cloudId }),
      setPicking: (pickingSite: boolean) => set({ pickingSite, pickedSite: undefined }),
      chooseSite: (cloudId: string) => void change('site', 'The site was not chosen.', () => chooseSite(cloudId)),
      triggerSync: () => void change('sync', 'The sync did not start.', triggerSync),
      openDialog: (dialog: Dialog) => set({ dialog }),
      closeDialog: () => set({ dialog: undefined }),
      disconnect(deleteIndex: boolean) {
        set({ dialog: undefined });
        void change('disconnect', 'Disconnecting did not work.', () => disconnect(deleteIndex));
      },
      dismissNotice: () => set({ notice: undefined }),
    },
    state,
    refresh,
    start() {
      flow.start();
      void refresh();
    },
    stop() {
      stopped = true;
      polling.stop();
      flow.stop();
    },
  };
}
