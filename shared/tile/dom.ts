/**
 * Views are functions from state to a description of elements; `patch` changes the document to fit. It keeps the
 * elements that are still wanted, so focus, selection and scroll positions survive every update.
 */

type Handler = (event: never) => void;
type Prop = string | number | boolean | undefined | Handler | Readonly<Record<string, string>>;

export interface Props {
  /** Tells siblings of one kind apart, so that one of them going does not turn the next into it. */
  readonly key?: string;
  /** Called once, when the element stands in the document. */
  readonly mounted?: (element: HTMLElement) => void;
  /** CSS custom properties. */
  readonly vars?: Readonly<Record<string, string>>;
  /** `on…` are listeners, the properties below are set as such, the rest are attributes. */
  readonly [name: string]: Prop | ((element: HTMLElement) => void);
}

export interface VNode {
  readonly tag: string;
  readonly props: Props;
  readonly children: readonly (VNode | string)[];
}

export type Child = VNode | string | number | false | null | undefined | readonly Child[];

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = new Set(['svg', 'path', 'circle']);
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'indeterminate', 'open']);

const described = new WeakMap<Node, VNode>();
/** Elements made by the patch under way whose `mounted` is still to be called. */
let mounting: (() => void)[] = [];

/** Describes an element. */
export function h(tag: string, props: Props, ...children: Child[]): VNode {
  return { tag, props, children: flatten(children) };
}

/** Makes `root` contain what `child` describes. */
export function render(root: ParentNode & Node, child: Child): void {
  patch(root, flatten([child]));
  const mounted = mounting;
  mounting = [];
  for (const call of mounted) call();
}

function flatten(children: readonly Child[]): (VNode | string)[] {
  return children.flatMap((child) => {
    if (child === false || child === null || child === undefined || child === '') return [];
    if (Array.isArray(child)) return flatten(child);
    return [typeof child === 'number' ? String(child) : (child as VNode | string)];
  });
}

function patch(parent: Node, children: readonly (VNode | string)[]): void {
  const keyed = keyedNodes(parent);
  const wanted = new Set(children.map((child) => (typeof child === 'string' ? undefined : child.props.key)));
  // First of all, or what comes after them would not meet its own elements.
  for (const [key, node] of keyed) if (!wanted.has(key)) parent.removeChild(node);
  let next: Node | null = parent.firstChild;
  for (const child of children) {
    const node = reusable(child, next, keyed) ?? create(child);
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
    update(node, child);
  }
  while (next) {
    const after: Node | null = next.nextSibling;
    parent.removeChild(next);
    next = after;
  }
}

function keyedNodes(parent: Node): Map<string, Node> {
  const keyed = new Map<string, Node>();
  for (const node of parent.childNodes) {
    const key = described.get(node)?.props.key;
    if (key !== undefined) keyed.set(key, node);
  }
  return keyed;
}

function reusable(child: VNode | string, next: Node | null, keyed: ReadonlyMap<string, Node>): Node | undefined {
  if (typeof child === 'string') return next instanceof Text ? next : undefined;
  const { key } = child.props;
  const candidate = key === undefined ? next : keyed.get(key);
  const before = candidate ? described.get(candidate) : undefined;
  return candidate && before?.tag === child.tag && before.props.key === key ? candidate : undefined;
}

function create(child: VNode | string): Node {
  if (typeof child === 'string') return document.createTextNode(child);
  const element = SVG_TAGS.has(child.tag)
    ? document.createElementNS(SVG, child.tag)
    : document.createElement(child.tag);
  const { mounted } = child.props;
  if (mounted) mounting.push(() => mounted(element as HTMLElement));
  return element;
}

function update(node: Node, child: VNode | string): void {
  if (typeof child === 'string') {
    if (node.nodeValue !== child) node.nodeValue = child;
    return;
  }
  const element = node as HTMLElement;
  const before = described.get(node)?.props ?? {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(child.props)]))
    setProp(element, name, child.props[name]);
  described.set(node, child);
  patch(element, child.children);
}

function setProp(element: HTMLElement, name: string, value: Props[string]): void {
  if (name === 'key' || name === 'mounted') return;
  if (name === 'vars') {
    for (const [variable, text] of Object.entries((value ?? {}) as Record<string, string>))
      element.style.setProperty(variable, text);
  } else if (name.startsWith('on') || PROPERTIES.has(name)) {
    const target = element as unknown as Record<string, unknown>;
    const wanted = name.startsWith('on') ? (value ?? null) : (value ?? (name === 'value' ? '' : false));
    // Setting the value that is there already would move the caret.
    if (target[name] !== wanted) target[name] = wanted;
  } else if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== attributeText(value)) element.setAttribute(name, attributeText(value));
}

function attributeText(value: Props[string]): string {
  return value === true ? '' : String(value);
}
