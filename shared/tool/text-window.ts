/** A stretch of a long text, and where to go on. Counted in characters (UTF-16 units) of the whole text. */
export interface TextWindow {
  readonly text: string;
  readonly offset: number;
  readonly totalChars: number;
  /** Absent at the end. */
  readonly nextOffset?: number;
}

/**
 * Cuts `maxChars` out of a text from `offset` on, rather at the end of a line in the last tenth than in the middle of
 * one, and never through a surrogate pair. An offset behind the end gives an empty text.
 */
export function textWindow(text: string, offset: number, maxChars: number): TextWindow {
  const start = Math.min(startOfCharacter(text, offset), text.length);
  const end = endOfWindow(text, start, maxChars);
  return {
    text: text.slice(start, end),
    offset: start,
    totalChars: text.length,
    ...(end < text.length ? { nextOffset: end } : {}),
  };
}

function endOfWindow(text: string, start: number, maxChars: number): number {
  if (text.length - start <= maxChars) return text.length;
  const end = start + maxChars;
  const lineEnd = text.lastIndexOf('\n', end - 1) + 1;
  if (lineEnd > end - maxChars / 10 && lineEnd > start) return lineEnd;
  const whole = startOfCharacter(text, end);
  return whole > start ? whole : end + 1;
}

/** Steps back from the second half of a surrogate pair to its first. */
function startOfCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

/** Shortens a line for a list. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, startOfCharacter(text, maxChars - 1)).trimEnd()}…`;
}
