/** A piece of text of a body. `cdata` text is exact; other text is subject to XHTML's white space rules. */
export interface TextNode {
  readonly type: 'text';
  readonly value: string;
  readonly cdata: boolean;
}

/** An element of a body; names are lower case with their prefix as written (`ac:link`), attributes likewise. */
export interface ElementNode {
  readonly type: 'element';
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: TreeNode[];
}

export type TreeNode = TextNode | ElementNode;

export function element(name: string, attributes: Record<string, string> = {}, children: TreeNode[] = []): ElementNode {
  return { type: 'element', name, attributes, children };
}

export function text(value: string, cdata = false): TextNode {
  return { type: 'text', value, cdata };
}

export function isElement(node: TreeNode | undefined): node is ElementNode {
  return node?.type === 'element';
}

/** The first child element with one of these names. */
export function childNamed(parent: ElementNode, ...names: string[]): ElementNode | undefined {
  for (const child of parent.children) {
    if (child.type === 'element' && names.includes(child.name)) return child;
  }
  return undefined;
}

/** All text below, as written. */
export function textOf(node: TreeNode): string {
  if (node.type === 'text') return node.value;
  let result = '';
  for (const child of node.children) result += textOf(child);
  return result;
}

/**
 * The exact text of a plain text body. Bodies come as one CDATA section, as several (a `]]>` in the text splits them), as
 * sections that a tool indented (then only what is inside them counts), or as escaped text without any section.
 */
export function exactText(body: ElementNode): string {
  const sections = body.children.filter((child) => child.type === 'text' && child.cdata);
  const outside = body.children.filter((child) => !(child.type === 'text' && child.cdata));
  const onlySections = sections.length > 0 && outside.every((child) => textOf(child).trim() === '');
  return onlySections ? sections.map(textOf).join('') : textOf(body);
}
