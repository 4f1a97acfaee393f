import { decodeEntity } from '../entities.ts';

/** The words of a storage body, for the search index and excerpts: tags, macro parameters and mentions dropped. */
export function plainText(storage: string): string {
  return storage
    .replace(/<ac:parameter[^>]*>.*?<\/ac:parameter>/gs, ' ')
    .replace(/<ac:task-(id|status)>.*?<\/ac:task-\1>/gs, ' ')
    .replace(/<!\[CDATA\[(.*?)\]\]>/gs, (_, text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(?:#x?[0-9a-f]+|[a-z][a-z0-9]*);/gi, decodeEntity)
    .replace(/\s+/g, ' ')
    .trim();
}
