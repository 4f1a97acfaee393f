const SETTLED_PARTS = 4_096;

/**
 * Collects a long text from many parts. A string that grows by `+=` keeps every part as an object of its own until it is
 * read, which is many times the size of the text when the parts are single characters.
 */
export class TextBuffer {
  private settled = '';
  private parts: string[] = [];

  push(part: string): void {
    if (this.parts.push(part) === SETTLED_PARTS) this.settle();
  }

  /** The text so far; the buffer is empty afterwards. */
  take(): string {
    this.settle();
    const text = this.settled;
    this.settled = '';
    return text;
  }

  private settle(): void {
    if (this.parts.length === 0) return;
    this.settled += this.parts.length === 1 ? this.parts[0] : this.parts.join('');
    this.parts = [];
  }
}

/** Cuts a text into pieces of about `size` characters; a character of two code units stays whole. */
export function* piecesOf(text: string, size: number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + size, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end++;
    yield text.slice(start, end);
    start = end;
  }
}

export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** How often `needle` stands in a text. */
export function count(text: string, needle: string): number {
  let found = 0;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) found++;
  return found;
}
