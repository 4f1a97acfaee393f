import type { Api } from './api.ts';
import type { Connection } from './api-types.ts';
import { type Context, type Notice, problemNotice, type State } from './state.ts';

/** The message of the page that Atlassian redirects to. */
interface CallbackMessage {
  readonly type: 'confluence';
  readonly status: 'granted' | 'denied' | 'invalid_state' | 'no_confluence_site' | 'failed';
  readonly completion?: string;
}

const POPUP = 'popup,width=620,height=780';
const POPUP_LOOK_MS = 500;
const FRAGMENT = /^#completion=([A-Za-z0-9_-]+)$/;

const OUTCOMES: Readonly<Record<Exclude<CallbackMessage['status'], 'granted'>, Notice>> = {
  denied: {
    tone: 'info',
    title: 'Access was not granted.',
    text: 'You chose Cancel at Atlassian. Nothing was changed; connect again whenever you like.',
  },
  no_confluence_site: {
    tone: 'warning',
    title: 'No Confluence site.',
    text: 'The account granted access, but to no site with Confluence. Connect again with an account that can use Confluence, and choose a site that has it.',
  },
  invalid_state: {
    tone: 'warning',
    title: 'That consent cannot be used.',
    text: 'It was used before, took longer than ten minutes, or began somewhere else. Nothing was changed; connect again from here.',
  },
  failed: {
    tone: 'bad',
    title: 'Connecting did not work.',
    text: 'Atlassian or the application had a problem. Nothing was changed; please connect again.',
  },
};

/**
 * Connect and Reconnect: a window with Atlassian's consent, whose last page tells this one how it went. When the browser
 * allows no window, or cuts the tie between the two, the same way leads over links: the last page then opens the
 * dashboard with the completion in the fragment.
 *
 * @param appOrigin the only origin whose messages count: where the callback page is served
 */
export function createConnectFlow(api: Api, context: Context, appOrigin: string) {
  const { state, set, refresh } = context;
  let popup: Window | null = null;
  let watch: ReturnType<typeof setInterval> | undefined;

  async function connect(): Promise<void> {
    // In the click itself: a window that opens after an answer from the network counts as unasked for.
    popup = window.open('', 'confluence-connect', POPUP);
    set({ connect: { step: 'starting' }, notice: undefined });
    try {
      const { authorizeUrl, expiresAt } = await api.connect();
      const blocked = popup === null || popup.closed;
      if (popup && !blocked) popup.location.href = authorizeUrl;
      set({
        connect: {
          step: 'waiting',
          authorizeUrl,
          expiresAt,
          consentBefore: consentIn(state().connection),
          popup: blocked ? 'blocked' : 'open',
        },
      });
      set({
        announcement: blocked ? '' : 'A window of Atlassian has opened. Sign in, choose your site and accept there.',
      });
      watchPopup();
      // From now on the consent may be finished in another window: look more often.
      void refresh();
    } catch (problem) {
      popup?.close();
      end(problemNotice('Connecting did not start.', problem));
    }
  }

  /** A closed window is no outcome: some browsers report one that Atlassian's page has cut loose as closed. */
  function watchPopup(): void {
    clearInterval(watch);
    watch = setInterval(() => {
      const { connect: flow } = state();
      if (flow.step !== 'waiting') return clearInterval(watch);
      if (Date.parse(flow.expiresAt) < Date.now()) {
        return end({
          tone: 'info',
          title: 'The connection was not finished.',
          text: 'It took longer than ten minutes. Nothing was changed; connect again whenever you like.',
        });
      }
      if (flow.popup === 'open' && popup?.closed) set({ connect: { ...flow, popup: 'closed' } });
    }, POPUP_LOOK_MS);
  }

  function onMessage(event: MessageEvent): void {
    if (event.origin !== appOrigin || !isCallbackMessage(event.data)) return;
    // Only an attempt of this page is waited for; one that another tab began belongs to that tab.
    if (state().connect.step !== 'waiting') return;
    const { status, completion } = event.data;
    popup?.close();
    if (status === 'granted' && completion !== undefined) void complete(completion);
    else end(status === 'granted' ? OUTCOMES.failed : OUTCOMES[status]);
  }

  async function complete(completion: string): Promise<void> {
    set({ connect: { step: 'completing' }, notice: undefined });
    try {
      const connection = await api.complete(completion);
      set({ connection: { state: 'ready', value: connection }, pickingSite: false, pickedSite: undefined });
      end(completedNotice(connection));
      if (!connection.pending) set({ announcement: completedWords(connection) });
    } catch (problem) {
      end(problemNotice('Connecting was not finished.', problem));
    }
    await refresh();
  }

  function end(notice: Notice | undefined): void {
    clearInterval(watch);
    popup = null;
    set({ connect: { step: 'idle' }, notice, announcement: notice ? `${notice.title} ${notice.text}` : '' });
  }

  return {
    connect: () => void connect(),
    showPopup: () => popup?.focus(),
    cancelConnect() {
      popup?.close();
      end(undefined);
    },
    /** Ends the waiting when the connection shows that consent was given and accepted, perhaps in another window. */
    onConnection(): void {
      const { connect: flow, connection } = state();
      if (flow.step === 'waiting' && consentIn(connection) !== flow.consentBefore) end(undefined);
    },
    /** Listens for the consent window; finishes what a callback page without this window began. */
    start() {
      window.addEventListener('message', onMessage);
      const [, completion] = FRAGMENT.exec(location.hash) ?? [];
      if (completion === undefined) return;
      // It works once, and must not stay in the history.
      history.replaceState(history.state, '', location.pathname + location.search);
      void complete(completion);
    },
    stop() {
      window.removeEventListener('message', onMessage);
      clearInterval(watch);
    },
  };
}

function isCallbackMessage(data: unknown): data is CallbackMessage {
  const { type, status } = (data ?? {}) as Partial<CallbackMessage>;
  return type === 'confluence' && (status === 'granted' || (status !== undefined && status in OUTCOMES));
}

/** Names the consents that the connection holds. */
function consentIn(connection: State['connection']): string {
  if (connection.state !== 'ready') return '';
  const { account, pending } = connection.value;
  return `${account?.grantedAt ?? ''} ${pending?.expiresAt ?? ''}`;
}

function completedNotice({ pending, site }: Connection): Notice | undefined {
  if (!pending) return undefined;
  return {
    tone: 'info',
    title: 'Choose a site to go on.',
    text: `The new consent does not cover ${site?.url ?? 'the present site'}. Until you choose, everything stays as it was.`,
  };
}

function completedWords({ status, site }: Connection): string {
  if (status === 'connected') return `Confluence is connected to ${site?.url ?? 'your site'}.`;
  return status === 'choosing_site' ? 'Access was granted. Choose the site to sync.' : '';
}
