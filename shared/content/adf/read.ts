/** Formatting of a text: its kind and settings. */
export interface AdfMark {
  readonly type: string;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A text has a mark of each kind at most once, and there are fewer kinds than this. */
const MAX_MARKS = 32;

/** A node of the Atlassian Document Format, as far as anything may be assumed about parsed JSON. */
export interface AdfNode extends AdfMark {
  readonly content: readonly unknown[];
  readonly marks: readonly AdfMark[];
  readonly text: string;
}

/** Reads a node, or undefined when the value is none. */
export function readNode(value: unknown): AdfNode | undefined {
  if (!isRecord(value) || typeof value.type !== 'string') return undefined;
  return {
    type: value.type,
    attrs: attrsOf(value),
    content: Array.isArray(value.content) ? value.content : [],
    marks: Array.isArray(value.marks) ? value.marks.slice(0, MAX_MARKS).flatMap(readMark) : [],
    text: typeof value.text === 'string' ? value.text : '',
  };
}

function readMark(value: unknown): AdfMark[] {
  return isRecord(value) && typeof value.type === 'string' ? [{ type: value.type, attrs: attrsOf(value) }] : [];
}

function attrsOf(value: Record<string, unknown>): Record<string, unknown> {
  return isRecord(value.attrs) ? value.attrs : {};
}

/** An attribute as text; numbers too, anything else is empty. */
export function attr(node: AdfMark, name: string): string {
  const value = node.attrs[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : '';
}

export function headingLevel(node: AdfNode): number {
  return Math.min(6, Math.max(1, Math.trunc(Number(attr(node, 'level'))) || 1));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All text below a value, without recursion: for what lies deeper than anything else is read. */
export function allText(value: unknown): string {
  const found: string[] = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const node = readNode(waiting.pop());
    if (!node) continue;
    if (node.text !== '') found.push(node.text);
    for (let index = node.content.length - 1; index >= 0; index--) waiting.push(node.content[index]);
  }
  return found.join(' ');
}
