import type { PhrasingContent, RootContent } from 'mdast';

/** Formatting of a run of text, as bits: what is nested in a body is flat here, so it can be merged and reordered. */
export const STRONG = 1;
export const EMPHASIS = 2;
export const DELETE = 4;
export const SUPERSCRIPT = 8;
export const SUBSCRIPT = 16;
export const CODE = 32;

/** Where a link goes. Runs of one link share the object; its URL may be settled after the whole page was read. */
export interface LinkTarget {
  url: string;
}

/** The formatting that surrounds a piece of a body. */
export interface Style {
  readonly marks: number;
  readonly link: LinkTarget | undefined;
  /** True inside a paragraph or heading, where a macro without a body stays in the line. */
  readonly inline: boolean;
}

export const PLAIN: Style = { marks: 0, link: undefined, inline: false };

export interface TextRun {
  readonly kind: 'text';
  readonly value: string;
  readonly style: Style;
}

/** A finished inline node: an image, a status, a mention. */
export interface NodeRun {
  readonly kind: 'node';
  readonly node: PhrasingContent;
  readonly style: Style;
}

export interface BreakRun {
  readonly kind: 'break';
}

export type Run = TextRun | NodeRun | BreakRun;

export interface BlockPiece {
  readonly kind: 'block';
  readonly node: RootContent;
}

/** Where a block begins or ends: runs on both sides never share a paragraph. */
export interface Boundary {
  readonly kind: 'boundary';
}

export const BOUNDARY: Boundary = { kind: 'boundary' };

/** What reading a part of a body gives, in order: runs that become paragraphs, and finished blocks. */
export type Piece = Run | BlockPiece | Boundary;

export function withMark(style: Style, mark: number): Style {
  return style.marks & mark ? style : { ...style, marks: style.marks | mark };
}

export function block(node: RootContent): BlockPiece {
  return { kind: 'block', node };
}

export function isRun(piece: Piece): piece is Run {
  return piece.kind !== 'block' && piece.kind !== 'boundary';
}

/** White space, or nothing to see at all. */
export function isBlank(piece: Piece): boolean {
  if (piece.kind === 'text') return /^[\s\u0085\u200B\uFEFF\u00AD]*$/.test(piece.value);
  return piece.kind === 'break' || piece.kind === 'boundary';
}
