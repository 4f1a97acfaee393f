import type { ApiProblem } from './api.ts';
import type { Agent, AgentAccess, Connection, NewKey, Run, SearchHit, Space } from './api-types.ts';

/** Something that is loaded on its own and may fail on its own. */
export type Remote<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly problem: ApiProblem }
  | { readonly state: 'ready'; readonly value: T };

/** Where an attempt to connect or reconnect stands. */
export type ConnectFlow =
  | { readonly step: 'idle' }
  | { readonly step: 'starting' }
  | {
      readonly step: 'waiting';
      readonly authorizeUrl: string;
      readonly expiresAt: string;
      /** Which consent was in force before: another one means that this attempt ended elsewhere. */
      readonly consentBefore: string;
      /** `blocked`: the browser opened no window, so a link is offered. `closed`: it seems to be gone. */
      readonly popup: 'open' | 'blocked' | 'closed';
    }
  | { readonly step: 'completing' };

export interface Notice {
  readonly tone: 'info' | 'good' | 'warning' | 'bad';
  readonly title: string;
  readonly text: string;
}

export interface AgentState {
  readonly agent: Agent;
  /** `null`: this agent has no access to Confluence. */
  readonly access: Remote<AgentAccess | null>;
  readonly busy: boolean;
  readonly problem?: ApiProblem | undefined;
}

export interface SearchState {
  readonly query: string;
  readonly hits?: Remote<readonly SearchHit[]>;
  readonly nextCursor?: string;
  readonly loadingMore: boolean;
}

export interface SpacesState {
  readonly list: Remote<readonly Space[]>;
  readonly problem?: ApiProblem | undefined;
}

export type Dialog =
  | { readonly kind: 'disconnect'; readonly deleteIndex: boolean }
  | {
      readonly kind: 'key';
      readonly agentName: string;
      readonly key: NewKey;
      readonly copied: 'no' | 'yes' | 'refused';
    }
  | { readonly kind: 'new-key'; readonly agent: Agent; readonly endFormer: boolean }
  | { readonly kind: 'remove-agent'; readonly agent: Agent };

export interface State {
  readonly connection: Remote<Connection>;
  /** The last look at the connection failed; what is shown is from before. */
  readonly stale?: ApiProblem | undefined;
  readonly connect: ConnectFlow;
  readonly notice?: Notice | undefined;
  /** What is under way because of a click. */
  readonly busy?: 'site' | 'sync' | 'disconnect' | undefined;
  /** The site chosen in the picker. */
  readonly pickedSite?: string | undefined;
  readonly pickingSite: boolean;
  readonly runs: Remote<readonly Run[]>;
  readonly spaces: SpacesState;
  readonly agents: Remote<readonly AgentState[]>;
  readonly search: SearchState;
  readonly dialog?: Dialog | undefined;
  /** Read out by screen readers. */
  readonly announcement: string;
}

export const INITIAL_STATE: State = {
  connection: { state: 'loading' },
  connect: { step: 'idle' },
  pickingSite: false,
  runs: { state: 'loading' },
  spaces: { list: { state: 'loading' } },
  agents: { state: 'loading' },
  search: { query: '', loadingMore: false },
  announcement: '',
};

/** What the parts of the controller share. */
export interface Context {
  readonly state: () => State;
  readonly set: (change: Partial<State>) => void;
  /** Looks at the connection now. */
  readonly refresh: () => Promise<void>;
}

export function failed(problem: unknown): { state: 'failed'; problem: ApiProblem } {
  return { state: 'failed', problem: problem as ApiProblem };
}

export function problemNotice(title: string, problem: unknown): Notice {
  return { tone: 'bad', title, text: (problem as ApiProblem).detail ?? String(problem) };
}
