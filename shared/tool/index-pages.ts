import type { Resolver } from '../content/resolve.ts';
import { indexResolver, readHead } from '../index/read.ts';
import { keptBriefly } from './kept-briefly.ts';
import type { ToolContext } from './operation.ts';
import { namesOf } from './people.ts';

const BREADCRUMB_MAX = 15;

/** A page's place in the tree. */
interface TreeNode {
  readonly title: string;
  readonly parentId: string | null;
}

/**
 * The upper parts of the trees that agents read in. A breadcrumb may be half a minute old; without this it would be the
 * most expensive part of a page, one read for each level.
 */
const nodes = keptBriefly<TreeNode | undefined>(30_000, 20_000);

/**
 * The way from the top of the space down to a page's parent, from `parentId` to `parentId` in the index. All of it is
 * in the page's own space, so a page that may be seen has a way that may be seen.
 */
export async function breadcrumbOf(
  context: ToolContext,
  parentId: string | null | undefined,
): Promise<{ trail: { pageId: string; title: string }[]; complete: boolean }> {
  const trail: { pageId: string; title: string }[] = [];
  const seen = new Set<string>();
  let pageId = parentId;
  while (pageId && !seen.has(pageId) && trail.length < BREADCRUMB_MAX) {
    seen.add(pageId);
    const node = await treeNode(context, pageId);
    if (!node) return { trail, complete: false };
    trail.unshift({ pageId, title: node.title });
    pageId = node.parentId;
  }
  return { trail, complete: true };
}

function treeNode({ deps, scope }: ToolContext, pageId: string): Promise<TreeNode | undefined> {
  return nodes(`${scope.tenantId} ${scope.cloudId} ${pageId}`, deps.now(), async () => {
    const head = await readHead(deps, scope, pageId);
    return head && { title: head.title, parentId: head.parentId };
  });
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
