import type { AgentCaller } from './agent-caller.ts';
import { authorize } from './authorize.ts';
import type { Operation } from './operation.ts';
import { getAttachment } from './operations/get-attachment.ts';
import { getBlogpost } from './operations/get-blogpost.ts';
import { getLabels } from './operations/get-labels.ts';
import { getPage } from './operations/get-page.ts';
import { getPageChildren } from './operations/get-page-children.ts';
import { getPageVersions } from './operations/get-page-versions.ts';
import { getSpace } from './operations/get-space.ts';
import { getUsers } from './operations/get-users.ts';
import { listAttachments } from './operations/list-attachments.ts';
import { listBlogposts } from './operations/list-blogposts.ts';
import { listPages } from './operations/list-pages.ts';
import { listSpaces } from './operations/list-spaces.ts';
import { request } from './operations/request.ts';
import { search } from './operations/search.ts';
import { searchIndex } from './operations/search-index.ts';

/** Every operation of the tool, in the order in which they are listed: what an agent should try first comes first. */
export const OPERATIONS: readonly Operation[] = [
  searchIndex,
  search,
  getPage,
  listPages,
  getPageChildren,
  getPageVersions,
  getLabels,
  getBlogpost,
  listBlogposts,
  listSpaces,
  getSpace,
  listAttachments,
  getAttachment,
  getUsers,
  request,
];

const BY_NAME = new Map(OPERATIONS.map((operation) => [operation.name, operation]));

export function findOperation(name: string): Operation | undefined {
  return BY_NAME.get(name);
}

/** The operations that this agent may call now. */
export function operationsFor(agent: Pick<AgentCaller, 'groups'>): readonly Operation[] {
  return OPERATIONS.filter((operation) => authorize(agent, operation));
}
