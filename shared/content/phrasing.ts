import type { PhrasingContent } from 'mdast';
import { linkify } from './linkify.ts';
import { CODE, DELETE, EMPHASIS, type LinkTarget, type Run, STRONG, SUBSCRIPT, SUPERSCRIPT } from './pieces.ts';
import { isHighSurrogate, piecesOf } from './text-buffer.ts';

/** How a line break is said: as Markdown's hard break, as `<br>` in a table cell, as a space in a heading. */
export type LineBreak = 'hard' | 'html' | 'space';

/** A text or node with its formatting; white space is collapsed and carries only what both neighbours have. */
interface Atom {
  text: string;
  node: PhrasingContent | undefined;
  marks: number;
  link: LinkTarget | undefined;
}

const ATTENTION = STRONG | EMPHASIS | DELETE;

/** The serializer repairs touching emphasis by trial: a limit per paragraph keeps that linear. */
const MAX_EMPHASISED = 200;

/** Patterns, and the serializer, keep all they find in one text in memory until its end. */
const MAX_TEXT = 8_192;

/** Turns runs into inline nodes: white space collapsed, equal formatting merged, formatting nested in one fixed order. */
export function phrasing(runs: readonly Run[], lineBreak: LineBreak = 'hard'): PhrasingContent[] {
  const atoms = limitEmphasis(movePunctuation(merge(collapse(runs, lineBreak))));
  return nest(atoms, 0);
}

function collapse(runs: readonly Run[], lineBreak: LineBreak): Atom[] {
  const atoms: Atom[] = [];
  let space = false;
  const push = (atom: Atom) => {
    const last = atoms.at(-1);
    if (last && space && !isBreak(last)) {
      atoms.push({
        text: ' ',
        node: undefined,
        marks: last.marks & atom.marks,
        link: last.link === atom.link ? atom.link : undefined,
      });
    }
    space = false;
    atoms.push(atom);
  };
  for (const run of runs) {
    if (run.kind === 'break') {
      if (lineBreak === 'space') space = true;
      else if (atoms.length > 0) {
        space = false;
        atoms.push({ text: '', node: lineBreakNode(lineBreak), marks: 0, link: undefined });
      }
      continue;
    }
    const { marks, link } = run.style;
    if (run.kind === 'node') {
      push({ text: '', node: run.node, marks, link: run.node.type === 'link' ? undefined : link });
      continue;
    }
    const value = collapseSpace(run.value);
    const core = value.trim();
    if (value.startsWith(' ')) space = true;
    if (core === '') continue;
    push({ text: core, node: undefined, marks, link });
    space = value.endsWith(' ');
  }
  while (isBreak(atoms.at(-1))) atoms.pop();
  return atoms;
}

/** One space for any white space (no-break spaces too: editors litter bodies with them), nothing for invisible marks. */
export function collapseSpace(value: string): string {
  if (value.length <= MAX_TEXT) return collapseShort(value);
  let result = '';
  let spaceBefore = false;
  for (const piece of piecesOf(value, MAX_TEXT)) {
    const part = collapseShort(piece);
    result += spaceBefore && part.startsWith(' ') ? part.slice(1) : part;
    if (part !== '') spaceBefore = part.endsWith(' ');
  }
  return result;
}

function collapseShort(value: string): string {
  return value.replace(/[\u200B\uFEFF\u00AD]+/g, '').replace(/[\s\u0085]+/g, ' ');
}

function lineBreakNode(lineBreak: LineBreak): PhrasingContent {
  return lineBreak === 'html' ? { type: 'html', value: '<br>', data: { plainText: '\n' } } : { type: 'break' };
}

function isBreak(atom: Atom | undefined): boolean {
  return atom?.node?.type === 'break' || (atom?.node?.type === 'html' && atom.node.value === '<br>');
}

function merge(atoms: readonly Atom[]): Atom[] {
  const merged: Atom[] = [];
  for (const atom of atoms) {
    const last = merged.at(-1);
    if (last && !last.node && !atom.node && last.marks === atom.marks && last.link === atom.link) {
      last.text += atom.text;
    } else merged.push({ ...atom });
  }
  return merged;
}

const LEADING_PUNCTUATION = /^[\p{P}\p{S}]+/u;

/**
 * `<strong>Note:</strong>text` cannot be said in Markdown with the colon inside. The punctuation moves out; otherwise the
 * serializer would have to write it as a character reference.
 */
function movePunctuation(atoms: Atom[]): Atom[] {
  const result: Atom[] = [];
  for (let index = 0; index < atoms.length; index++) {
    const atom = atoms[index];
    if (!atom) continue;
    const attention = atom.marks & ATTENTION;
    if (attention === 0 || atom.node || atom.marks & CODE) {
      result.push(atom);
      continue;
    }
    const before = atoms[index - 1];
    const after = atoms[index + 1];
    const outside = { node: undefined, link: atom.link };
    let middle = atom.text;
    if (before && touchesWord(atom, before, 'end')) {
      const lead = LEADING_PUNCTUATION.exec(middle)?.[0] ?? '';
      if (lead) result.push({ ...outside, text: lead, marks: sharedMarks(atom, before) });
      middle = middle.slice(lead.length);
    }
    const trail = after && touchesWord(atom, after, 'start') ? trailingPunctuation(middle) : '';
    middle = middle.slice(0, middle.length - trail.length);
    if (middle) result.push({ ...atom, text: middle });
    if (trail) result.push({ ...outside, text: trail, marks: sharedMarks(atom, after) });
  }
  return merge(result);
}

/** Whether a neighbour without this formatting continues the word. */
function touchesWord(atom: Atom, neighbour: Atom, edge: 'start' | 'end'): boolean {
  const attention = atom.marks & ATTENTION;
  if (neighbour.node || neighbour.link !== atom.link || neighbour.marks & CODE) return false;
  if ((neighbour.marks & attention) === attention) return false;
  const character = edge === 'start' ? neighbour.text.slice(0, 1) : neighbour.text.slice(-1);
  return character !== ' ' && !/[\p{P}\p{S}]/u.test(character);
}

/** Walked from the end: a pattern that must end there is tried from every punctuation mark. */
function trailingPunctuation(value: string): string {
  let start = value.length;
  while (start > 0) {
    const size = start > 1 && isHighSurrogate(value.charCodeAt(start - 2)) ? 2 : 1;
    if (!/[\p{P}\p{S}]/u.test(value.slice(start - size, start))) break;
    start -= size;
  }
  return value.slice(start);
}

function sharedMarks(atom: Atom, neighbour: Atom | undefined): number {
  return atom.marks & ((neighbour?.marks ?? 0) | ~ATTENTION);
}

function limitEmphasis(atoms: Atom[]): Atom[] {
  let emphasised = 0;
  let limited = false;
  for (const atom of atoms) {
    if ((atom.marks & ATTENTION) === 0 || ++emphasised <= MAX_EMPHASISED) continue;
    atom.marks &= ~ATTENTION;
    limited = true;
  }
  return limited ? merge(atoms) : atoms;
}

/** From the outside in. */
const LEVELS: readonly ('link' | number)[] = ['link', STRONG, EMPHASIS, DELETE, SUPERSCRIPT, SUBSCRIPT];

function nest(atoms: readonly Atom[], level: number): PhrasingContent[] {
  const by = LEVELS[level];
  if (by === undefined) return leaves(atoms);
  const nodes: PhrasingContent[] = [];
  let start = 0;
  while (start < atoms.length) {
    const key = keyAt(atoms[start], by);
    let end = start + 1;
    while (end < atoms.length && keyAt(atoms[end], by) === key) end++;
    const children = nest(atoms.slice(start, end), level + 1);
    if (key) wrap(nodes, children, by, key);
    else for (const child of children) nodes.push(child);
    start = end;
  }
  return nodes;
}

function keyAt(atom: Atom | undefined, by: 'link' | number): LinkTarget | number | undefined {
  return by === 'link' ? atom?.link : (atom?.marks ?? 0) & by;
}

function wrap(nodes: PhrasingContent[], children: PhrasingContent[], by: 'link' | number, key: LinkTarget | number) {
  if (typeof key === 'object') nodes.push({ type: 'link', url: key.url, children, data: { target: key } });
  else if (by === STRONG) nodes.push({ type: 'strong', children });
  else if (by === EMPHASIS) nodes.push({ type: 'emphasis', children });
  else if (by === DELETE) nodes.push({ type: 'delete', children });
  else {
    const name = by === SUPERSCRIPT ? 'sup' : 'sub';
    nodes.push({ type: 'html', value: `<${name}>` });
    for (const child of children) nodes.push(child);
    nodes.push({ type: 'html', value: `</${name}>` });
  }
}

function leaves(atoms: readonly Atom[]): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  for (const atom of atoms) {
    if (atom.node) pushApart(nodes, atom.node);
    else if (atom.marks & CODE && !tooTangled(atom.text)) pushApart(nodes, { type: 'inlineCode', value: atom.text });
    else if (atom.link) pushText(nodes, atom.text);
    else for (const part of linkify(atom.text)) part.type === 'text' ? pushText(nodes, part.value) : nodes.push(part);
  }
  return nodes;
}

/** Two code spans side by side would run into one. */
function pushApart(nodes: PhrasingContent[], node: PhrasingContent): void {
  if (node.type === 'inlineCode' && nodes.at(-1)?.type === 'inlineCode') nodes.push({ type: 'text', value: ' ' });
  nodes.push(node);
}

/** The serializer looks for a free run of backticks with one search per length. */
function tooTangled(code: string): boolean {
  return code.length > 10_000 && code.includes('`');
}

function pushText(nodes: PhrasingContent[], value: string): void {
  for (const piece of piecesOf(value, MAX_TEXT)) nodes.push({ type: 'text', value: piece });
}
