import { type SiteContext, storageToMarkdown } from '../content/convert.ts';

const KEPT_CHARS = 20_000_000;

/** By page; both texts, so that a changed body is seen by comparing it. */
const kept = new Map<string, { storage: string; markdown: string }>();
let keptChars = 0;

/**
 * Markdown of a body in storage format. The last ones are kept: an agent that reads a long page in pieces, and several
 * agents on one incident, ask for the same body again and again, and converting is the dearest part of an answer.
 */
export function markdownOf(storage: string, context: SiteContext): string {
  const key = `${context.siteUrl} ${context.spaceKey} ${context.pageId}`;
  const known = kept.get(key);
  forget(key);
  const markdown = known?.storage === storage ? known.markdown : storageToMarkdown(storage, context).markdown;
  kept.set(key, { storage, markdown });
  keptChars += storage.length + markdown.length;
  while (keptChars > KEPT_CHARS) forget(kept.keys().next().value ?? '');
  return markdown;
}

function forget(key: string): void {
  const entry = kept.get(key);
  if (!entry) return;
  keptChars -= entry.storage.length + entry.markdown.length;
  kept.delete(key);
}
