import type { AgentCaller } from './agent-caller.ts';
import { authorize } from './authorize.ts';
import type { Operation } from './operation.ts';
import { getPage } from './operations/get-page.ts';
import { search } from './operations/search.ts';

/** Every operation of the tool, in the order in which they are listed. */
export const OPERATIONS: readonly Operation[] = [search, getPage];

const BY_NAME = new Map(OPERATIONS.map((operation) => [operation.name, operation]));

export function findOperation(name: string): Operation | undefined {
  return BY_NAME.get(name);
}

/** The operations that this agent may call now. */
export function operationsFor(agent: Pick<AgentCaller, 'groups'>): readonly Operation[] {
  return OPERATIONS.filter((operation) => authorize(agent, operation));
}
