import { type AnyNode, type Element, firstChild, isTag, isText, parameterOf, textOf } from '../storage-dom.ts';
import { type AdfMark, type AdfNode, text } from './nodes.ts';

const MARKS: Readonly<Record<string, AdfMark>> = {
  strong: { type: 'strong' },
  b: { type: 'strong' },
  em: { type: 'em' },
  i: { type: 'em' },
  u: { type: 'underline' },
  s: { type: 'strike' },
  del: { type: 'strike' },
  code: { type: 'code' },
  sub: { type: 'subsup', attrs: { type: 'sub' } },
  sup: { type: 'subsup', attrs: { type: 'sup' } },
};

const STATUS_COLOURS: Readonly<Record<string, string>> = {
  green: 'green',
  yellow: 'yellow',
  red: 'red',
  blue: 'blue',
  purple: 'purple',
};

/** Inline nodes of storage nodes, with the marks of the elements around them. */
export function inlines(nodes: readonly AnyNode[], marks: readonly AdfMark[] = []): AdfNode[] {
  return nodes.flatMap((node) => inline(node, marks));
}

function inline(node: AnyNode, marks: readonly AdfMark[]): AdfNode[] {
  if (isText(node)) return text(node.data.replace(/\s+/g, ' '), marks);
  if (!isTag(node)) return 'children' in node ? inlines(node.children, marks) : [];
  const mark = MARKS[node.name];
  if (mark) return inlines(node.children, [...marks, mark]);
  switch (node.name) {
    case 'br':
      return [{ type: 'hardBreak' }];
    case 'a':
      return inlines(node.children, [...marks, { type: 'link', attrs: { href: node.attribs.href ?? '' } }]);
    case 'ac:link':
      return link(node, marks);
    case 'ac:structured-macro':
      return inlineMacro(node, marks);
    case 'time':
      return [{ type: 'date', attrs: { timestamp: String(Date.parse(node.attribs.datetime ?? '') || 0) } }];
    case 'ac:emoticon':
      return [
        { type: 'emoji', attrs: { shortName: node.attribs['ac:emoji-shortname'] ?? `:${node.attribs['ac:name']}:` } },
      ];
    case 'ac:parameter':
    case 'ac:placeholder':
      return [];
    default:
      return inlines(node.children, marks);
  }
}

function link(node: Element, marks: readonly AdfMark[]): AdfNode[] {
  const user = firstChild(node, 'ri:user');
  if (user) return [{ type: 'mention', attrs: { id: user.attribs['ri:account-id'] ?? '', text: '', accessLevel: '' } }];
  const body = firstChild(node, 'ac:link-body') ?? firstChild(node, 'ac:plain-text-link-body');
  const page = firstChild(node, 'ri:page');
  const title = page?.attribs['ri:content-title'] ?? firstChild(node, 'ri:attachment')?.attribs['ri:filename'] ?? '';
  const href = firstChild(node, 'ri:url')?.attribs['ri:value'] ?? `/wiki/search?text=${encodeURIComponent(title)}`;
  const linkMarks = [...marks, { type: 'link', attrs: { href } }];
  return body ? inlines(body.children, linkMarks) : text(title || href, linkMarks);
}

function inlineMacro(macro: Element, marks: readonly AdfMark[]): AdfNode[] {
  const name = macro.attribs['ac:name'] ?? '';
  if (name === 'status') {
    const colour = STATUS_COLOURS[(parameterOf(macro, 'colour') ?? '').toLowerCase()] ?? 'neutral';
    return [{ type: 'status', attrs: { text: parameterOf(macro, 'title') ?? '', color: colour, style: '' } }];
  }
  const rich = firstChild(macro, 'ac:rich-text-body');
  if (rich) return text(textOf(rich).trim(), marks);
  return [{ type: 'inlineExtension', attrs: extensionAttributes(macro) }];
}

/** How an unknown macro stands in ADF: by name, with its parameters. */
export function extensionAttributes(macro: Element): Record<string, unknown> {
  const parameters: Record<string, { value: string }> = {};
  for (const child of macro.children) {
    if (isTag(child) && child.name === 'ac:parameter')
      parameters[child.attribs['ac:name'] ?? ''] = { value: textOf(child) };
  }
  return {
    extensionType: 'com.atlassian.confluence.macro.core',
    extensionKey: macro.attribs['ac:name'] ?? '',
    parameters: { macroParams: parameters },
  };
}
