import type { Group, Groups } from './groups.ts';

/**
 * Whether an agent may use what belongs to these groups: one of them being on is enough. The only predicate of the
 * tool: it decides what is listed, what may be called, and which path of Confluence's API a request may reach. A value
 * other than `read_only`, an unknown one included, means off.
 */
export function authorize(agent: { readonly groups: Groups }, wanted: { readonly groups: readonly Group[] }): boolean {
  return wanted.groups.some((group) => agent.groups[group] === 'read_only');
}
