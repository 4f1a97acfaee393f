import { blocks } from './adf/blocks.ts';
import { parseStorage } from './storage-dom.ts';

/**
 * A storage body as Atlassian Document Format, serialised as the API answers it: a JSON text. Covers what pages of a
 * knowledge base consist of; an unknown macro becomes an `extension` node that names it, as in Confluence.
 */
export function storageToAdf(storage: string): string {
  return JSON.stringify({ type: 'doc', version: 1, content: blocks(parseStorage(storage).children) });
}
