import { type PageCost, pageCost } from './cost.ts';
import { readTokens, type TokenHandler } from './tokens.ts';
import { type ElementNode, element, text } from './tree.ts';

/** Deeper tags are ignored and their text is kept: every later step may recurse safely. */
const MAX_DEPTH = 640;

/** An unclosed element that ends where one of these opens right inside it. */
const ENDS = new Map<string, readonly string[]>([
  ['li', ['li']],
  ['p', ['p']],
  ['tr', ['tr']],
  ['td', ['td', 'th', 'tr']],
  ['th', ['td', 'th', 'tr']],
]);

/**
 * Parses a storage format body, however broken, into a tree under one element named `#root`; undefined when the tree would
 * cost too much (see `cost.ts`). Never throws.
 *
 * The tokenizer is htmlparser2's; its `Parser` is not used because it searches and shifts a stack for every tag, which
 * makes deep or unclosed nesting quadratic.
 */
export function parseStorage(storage: string, cost: PageCost = pageCost()): ElementNode | undefined {
  const builder = new TreeBuilder(cost);
  readTokens(storage, builder);
  return builder.full ? undefined : builder.root;
}

class TreeBuilder implements TokenHandler {
  readonly root = element('#root');
  private readonly cost: PageCost;
  private readonly stack: ElementNode[] = [this.root];
  /** How many elements of each name are open: a stray end tag is recognised without a search. */
  private readonly opened = new Map<string, number>();
  private tooDeep = 0;

  constructor(cost: PageCost) {
    this.cost = cost;
  }

  get full(): boolean {
    return this.cost.tooHigh;
  }

  open(name: string, attributes: Record<string, string>, empty: boolean): void {
    this.cost.addElement(attributes);
    if (this.tooDeep > 0 || (!empty && this.stack.length >= MAX_DEPTH)) {
      if (!empty) this.tooDeep++;
      else this.top().children.push(element(name, attributes));
      return;
    }
    while (ENDS.get(this.top().name)?.includes(name)) this.pop();
    const tag = element(name, attributes);
    this.top().children.push(tag);
    if (empty) return;
    this.stack.push(tag);
    this.opened.set(name, (this.opened.get(name) ?? 0) + 1);
  }

  close(name: string): void {
    if (this.tooDeep > 0) {
      this.tooDeep--;
      return;
    }
    if (!this.opened.get(name)) return;
    while (this.pop() !== name);
  }

  text(value: string, cdata: boolean): void {
    this.cost.addText(value);
    this.top().children.push(text(value, cdata));
  }

  private pop(): string {
    const name = this.top().name;
    this.stack.pop();
    this.opened.set(name, (this.opened.get(name) ?? 1) - 1);
    return name;
  }

  private top(): ElementNode {
    return this.stack.at(-1) ?? this.root;
  }
}
