import type { Heading, ListItem, Parents, Root, RootContent } from 'mdast';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { defaultHandlers, type Info, type Options, type State, toMarkdown, type Unsafe } from 'mdast-util-to-markdown';
import type { Callout } from './mdast.ts';

/** A heading with the line it was written on, counted from 1. */
export interface WrittenHeading {
  readonly heading: Heading;
  readonly line: number;
}

/**
 * Writes a tree as GFM. The library does the escaping and nesting; what is set here:
 * - tables are not padded: one wide cell would be repeated as spaces in every row;
 * - addresses in text are links already (`linkify`), so the library's escapes against autolinks are left out;
 * - an ampersand is escaped only before what is a character reference: addresses are full of others;
 * - ordered items carry their number, because the library would search for it from the start of the list each time.
 */
export function writeMarkdown(root: Root): { markdown: string; headings: WrittenHeading[] } {
  const headings: WrittenHeading[] = [];
  const markdown = toMarkdown(root, {
    ...OPTIONS,
    handlers: {
      root: writeRoot,
      callout: writeCallout,
      listItem: writeListItem,
      heading(node: Heading, parent: Parents | undefined, state: State, info: Info) {
        headings.push({ heading: node, line: info.now.line });
        return defaultHandlers.heading(node, parent, state, info);
      },
    },
  });
  return { markdown, headings };
}

const GFM = gfmToMarkdown({ tablePipeAlign: false });

const OPTIONS: Options = {
  bullet: '-',
  rule: '-',
  emphasis: '*',
  strong: '*',
  listItemIndent: 'one',
  // `<.@a>` is an address too; the library only expects a letter.
  unsafe: [
    {
      character: '<',
      after: '[^\\s<>]*@',
      inConstruct: 'phrasing',
      notInConstruct: ['autolink', 'destinationLiteral', 'destinationRaw'],
    },
  ],
  extensions: (GFM.extensions ?? []).filter((each) => !each.unsafe?.some(({ character }) => character === '@')),
};

const AMPERSAND_IN = [
  'phrasing',
  'destinationLiteral',
  'destinationRaw',
  'titleQuote',
  'codeFencedLangGraveAccent',
] as const;

/**
 * The library tries each of its rules on every text. Those for control characters have nothing to find: white space is
 * collapsed and addresses are encoded before they get here.
 */
function hasNothingToFind({ character, inConstruct }: Unsafe): boolean {
  return character === '\t' || character === '\r' || (inConstruct === 'autolink' && character <= ' ');
}

function writeRoot(node: Root, _parent: Parents | undefined, state: State, info: Info): string {
  state.unsafe = state.unsafe.filter((rule) => rule.character !== '&' && !hasNothingToFind(rule));
  const after = '(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});';
  state.unsafe.push({ character: '&', after, inConstruct: [...AMPERSAND_IN] });
  return defaultHandlers.root(node, undefined, state, info);
}

/** `> [!NOTE]` on a line of its own, then the content. */
function writeCallout(node: Callout, _parent: Parents | undefined, state: State, info: Info): string {
  const exit = state.enter('blockquote');
  const tracker = state.createTracker(info);
  tracker.move('> ');
  tracker.shift(2);
  // Only text may follow the mark directly: a table, for one, would take it for its header.
  const head = tracker.move(`[!${node.kind}]${node.children[0]?.type === 'paragraph' ? '\n' : '\n\n'}`);
  const value = state.indentLines(head + state.containerFlow(node, tracker.current()), (line, _index, blank) =>
    blank ? '>' : `> ${line}`,
  );
  exit();
  return value;
}

function writeListItem(node: ListItem, parent: Parents | undefined, state: State, info: Info): string {
  if (parent?.type !== 'list' || !parent.ordered) return defaultHandlers.listItem(node, parent, state, info);
  const alone = { ...parent, start: (parent.start ?? 1) + (node.data?.ordinal ?? 0), children: [node] };
  return defaultHandlers.listItem(node, alone, state, info);
}

/** Text as Markdown writes it inside a line, for values that are put into finished Markdown. */
export function escapeText(value: string): string {
  const text = { type: 'text' as const, value: `.${value.replace(/\s+/g, ' ')}` };
  const paragraph: RootContent = { type: 'paragraph', children: [text] };
  // A pipe is escaped too, because the place may be a table cell.
  return toMarkdown(paragraph, OPTIONS).trim().slice(1).replaceAll('|', '\\|');
}

/** A fence that no line of the code can close. */
export function codeFence(code: string): string {
  let longest = 2;
  for (const [run] of code.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  return '`'.repeat(longest + 1);
}
