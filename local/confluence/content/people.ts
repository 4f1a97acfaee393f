import { createHash } from 'node:crypto';
import { FIRST_NAMES, LAST_NAMES } from './vocabulary.ts';

/** The account id of person `index` of a generated site, in the form of today's Atlassian ids. */
export function generatedAccountId(seed: number, index: number): string {
  const hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const tail = (Math.imul(index + 1, 0xc2b2ae35) >>> 0).toString(16).padStart(8, '0');
  return `712020:${hash.toString(16).padStart(8, '0')}-0000-4000-8000-0000${tail}`;
}

export function generatedName(index: number): string {
  const first = FIRST_NAMES[index % FIRST_NAMES.length];
  const last = LAST_NAMES[Math.floor(index / FIRST_NAMES.length + index) % LAST_NAMES.length];
  return `${first} ${last}`;
}

/** A UUID made of a text, so that a named thing keeps its id from run to run. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
