import { z } from 'zod';

/** The source of a regular expression. */
export const regexSchema = z.string().min(1).refine(isRegex, 'is not a regular expression');

function isRegex(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
