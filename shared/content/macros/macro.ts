import type { Emphasis } from 'mdast';
import { collapseSpace } from '../phrasing.ts';
import { block, type Piece, type Style } from '../pieces.ts';
import { childNamed, type ElementNode, exactText, isElement, textOf } from '../tree.ts';

/** A macro's name, lower case: the ids of old exports differ only in case. */
export function macroName(macro: ElementNode): string {
  return (macro.attributes['ac:name'] ?? '').trim().toLowerCase();
}

/** A parameter's element; the unnamed one is `''`, also in its legacy form. */
export function parameterElement(macro: ElementNode, name: string): ElementNode | undefined {
  for (const child of macro.children) {
    if (!isElement(child)) continue;
    if (child.name === 'ac:parameter' && (child.attributes['ac:name'] ?? '') === name) return child;
    if (child.name === 'ac:default-parameter' && name === '') return child;
  }
  return undefined;
}

/** The text of the first of these parameters that has any. The longest that apps write, plans of years, have 100,000. */
export function parameter(macro: ElementNode, ...names: string[]): string | undefined {
  for (const name of names) {
    const found = parameterElement(macro, name);
    const value = found && textOf(found).trim().slice(0, 1_000_000);
    if (value) return value;
  }
  return undefined;
}

export function richBody(macro: ElementNode): ElementNode | undefined {
  return childNamed(macro, 'ac:rich-text-body');
}

/** The exact text of a macro's plain body. */
export function plainBody(macro: ElementNode): string | undefined {
  const body = childNamed(macro, 'ac:plain-text-body');
  return body && exactText(body);
}

/** The mark of a macro whose output is not in the body: a reader sees that something stood here. */
export function pushMark(label: string, style: Style, out: Piece[]): void {
  const node: Emphasis = {
    type: 'emphasis',
    data: { macroMark: true },
    children: [{ type: 'text', value: collapseSpace(`(macro ${label})`) }],
  };
  if (!style.inline) {
    out.push(block({ type: 'paragraph', children: [node] }));
    return;
  }
  out.push({ kind: 'text', value: ' ', style }, { kind: 'node', node, style }, { kind: 'text', value: ' ', style });
}
