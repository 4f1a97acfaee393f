import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';
import type { Project } from './project.ts';

export interface BicepParameter {
  readonly name: string;
  readonly line: number;
  readonly described: boolean;
  readonly hasDefault: boolean;
}

export interface BicepModule {
  readonly symbol: string;
  /** Relative to the project. */
  readonly path: string;
  readonly line: number;
  readonly params: readonly string[];
  readonly node: Node;
}

/** What the checks need to know of one Bicep file. */
export interface BicepFile {
  readonly path: string;
  readonly root: Node;
  readonly syntaxErrors: readonly { readonly line: number; readonly text: string }[];
  readonly parameters: readonly BicepParameter[];
  readonly outputs: readonly string[];
  readonly modules: readonly BicepModule[];
  /** Symbols that the file declares, beside parameters. */
  readonly declared: readonly { readonly name: string; readonly line: number; readonly kind: string }[];
  /** Names that an expression reads. */
  readonly used: ReadonlySet<string>;
}

let parser: Promise<Parser> | undefined;

/** By path and text: three checks read the same files. */
const analysed = new Map<string, BicepFile>();

/** Every `.bicep` file of the project, parsed. */
export async function readBicep(project: Project): Promise<BicepFile[]> {
  parser ??= createParser();
  const ready = await parser;
  return project.files('infra/**/*.bicep').map((path) => {
    const text = project.read(path);
    const key = `${path}\n${text}`;
    const file = analysed.get(key) ?? analyse(path, ready, text);
    analysed.set(key, file);
    return file;
  });
}

async function createParser(): Promise<Parser> {
  await Parser.init();
  const grammar = join(
    dirname(createRequire(import.meta.url).resolve('tree-sitter-bicep/package.json')),
    'tree-sitter-bicep.wasm',
  );
  return new Parser().setLanguage(await Language.load(grammar));
}

function analyse(path: string, parser: Parser, text: string): BicepFile {
  const tree = parser.parse(text);
  if (!tree) throw new Error(`${path}: the parser gave up`);
  const root = tree.rootNode;
  const all = descendants(root);
  const declarations = (type: string) => all.filter((node) => node.type === type);
  return {
    path,
    root,
    syntaxErrors: all
      .filter((node) => node.isError || node.isMissing)
      .map((node) => ({ line: lineOf(node), text: node.text.split('\n')[0]?.slice(0, 60) ?? '' })),
    parameters: declarations('parameter_declaration').map((node) => ({
      name: nameOf(node),
      line: lineOf(node),
      described: decoratorsOf(node).some((text) => text.startsWith('@description(')),
      // `param name type = value`: what follows the type is the default.
      hasDefault: node.namedChildren.length > 2,
    })),
    outputs: declarations('output_declaration').map(nameOf),
    modules: declarations('module_declaration').map((node) => ({
      symbol: nameOf(node),
      path: join(dirname(path), stringOf(node.namedChildren[1])),
      line: lineOf(node),
      params: keysOf(propertyBelow(node, 'params')),
      node,
    })),
    declared: ['variable_declaration', 'resource_declaration', 'module_declaration'].flatMap((kind) =>
      declarations(kind).map((node) => ({ name: nameOf(node), line: lineOf(node), kind: kind.split('_')[0] ?? kind })),
    ),
    used: new Set(all.filter(isUse).map(({ text }) => text)),
  };
}

/** An identifier that is read: not the name in a declaration, not a key of an object. */
function isUse(node: Node): boolean {
  if (node.type !== 'identifier' || !node.parent) return false;
  const isFirst = node.parent.namedChildren[0]?.id === node.id;
  return !(isFirst && /^(object_property|.*_declaration)$/.test(node.parent.type));
}

export function descendants(node: Node): Node[] {
  return [node, ...node.children.flatMap((child) => (child ? descendants(child) : []))];
}

/** The keys of an object, in order. */
export function keysOf(object: Node | undefined): string[] {
  return (object?.namedChildren ?? []).flatMap((child) =>
    child?.type === 'object_property' ? [child.namedChildren[0]?.text.replaceAll("'", '') ?? ''] : [],
  );
}

/** The value of the property that is called `key`, anywhere below `node`. */
export function propertyBelow(node: Node, key: string): Node | undefined {
  const property = descendants(node).find(
    (candidate) => candidate.type === 'object_property' && candidate.namedChildren[0]?.text === key,
  );
  return property?.namedChildren[1] ?? undefined;
}

/** The text of a string without interpolation. */
export function stringOf(node: Node | null | undefined): string {
  return node?.text.replace(/^'|'$/g, '') ?? '';
}

/** The decorators above a declaration, which the grammar gives as a sibling before it. */
export function decoratorsOf(node: Node): string[] {
  const before = node.previousNamedSibling;
  return before?.type === 'decorators' ? before.namedChildren.flatMap((child) => (child ? [child.text] : [])) : [];
}

export function lineOf(node: Node): number {
  return node.startPosition.row + 1;
}

function nameOf(node: Node): string {
  return node.namedChildren[0]?.text ?? '';
}
