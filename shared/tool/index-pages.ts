import type { Resolver } from '../content/resolve.ts';
import { readHeadsById } from '../index/heads.ts';
import { indexResolver } from '../index/read.ts';
import type { ToolContext } from './operation.ts';
import { namesOf } from './people.ts';

const BREADCRUMB_MAX = 15;

/**
 * The way from the top of the space down to a page's parent, from `parentId` to `parentId` in the index. All of it is
 * in the page's own space, so a page that may be seen has a way that may be seen.
 */
export async function breadcrumbOf(
  { deps, scope }: ToolContext,
  parentId: string | null | undefined,
): Promise<{ trail: { pageId: string; title: string }[]; complete: boolean }> {
  const trail: { pageId: string; title: string }[] = [];
  const seen = new Set<string>();
  let next = parentId;
  while (next && !seen.has(next) && trail.length < BREADCRUMB_MAX) {
    seen.add(next);
    const head = (await readHeadsById(deps, scope.tenantId, scope.cloudId, [next])).get(next);
    if (!head || head.deletedAt !== undefined) return { trail, complete: false };
    trail.unshift({ pageId: head.pageId, title: head.title ?? '' });
    next = head.parentId;
  }
  return { trail, complete: true };
}

/** Resolves a body's mentions, only while *users* is on, and its includes from the index. */
export function referenceResolver(context: ToolContext): Resolver & { readonly namesComplete: () => boolean } {
  let namesComplete = true;
  return {
    ...indexResolver(context.deps, context.scope),
    namesComplete: () => namesComplete,
    async displayNames(accountIds) {
      const { byAccountId, complete } = await namesOf(context, accountIds);
      namesComplete &&= complete;
      return byAccountId;
    },
  };
}
