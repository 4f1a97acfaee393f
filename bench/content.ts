import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { storageToMarkdown } from '../shared/content/convert.ts';

export interface BenchResult {
  readonly name: string;
  readonly rows: Record<string, string | number>[];
}

const ROOT = `${import.meta.dirname}/..`;
const BODIES = { corpus: `${ROOT}/../shared/corpus`, 'knowledge base': `${ROOT}/local/confluence/knowledge-base` };
const WARM_UP_MS = 500;
const MEASURED_MS = 2_000;

type Convert = (storage: string) => string;

/**
 * Storage format to Markdown: megabytes a second of our conversion (which also makes plain text, outline, excerpt and
 * hash) and of two general converters of HTML on the same bodies, and how much of the bodies' code each of them keeps.
 */
export async function benchContent(): Promise<BenchResult> {
  const converters = loadConverters();
  const rows: Record<string, string | number>[] = [];
  for (const [name, folder] of Object.entries(BODIES)) {
    if (!existsSync(folder)) continue;
    const bodies = globSync(`${folder}/**/*.xml`)
      .sort()
      .map((file) => readFileSync(file, 'utf8'));
    for (const [converter, convert] of converters) rows.push({ bodies: name, converter, ...measure(bodies, convert) });
  }
  return { name: 'storage format to Markdown', rows };
}

function loadConverters(): [string, Convert][] {
  const site = { siteUrl: 'https://acme.atlassian.net/wiki', spaceKey: 'ENG', pageId: '4711' };
  const require = createRequire(import.meta.url);
  try {
    const TurndownService = require('turndown') as new () => { turndown(html: string): string };
    const { NodeHtmlMarkdown } = require('node-html-markdown') as {
      NodeHtmlMarkdown: new () => { translate: Convert };
    };
    const turndown = new TurndownService();
    const nodeHtmlMarkdown = new NodeHtmlMarkdown();
    return [
      ['confluence-for-neo', (storage) => storageToMarkdown(storage, site).markdown],
      ['turndown', (storage) => turndown.turndown(storage)],
      ['node-html-markdown', (storage) => nodeHtmlMarkdown.translate(storage)],
    ];
  } catch (error) {
    throw new Error('the converters to compare with are missing; run `npm ci --prefix bench`', { cause: error });
  }
}

function measure(bodies: readonly string[], convert: Convert): Record<string, number> {
  const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  const pass = () => {
    const startedAt = performance.now();
    for (const body of bodies) convert(body);
    return performance.now() - startedAt;
  };
  passesFor(WARM_UP_MS, pass);
  const passes = passesFor(MEASURED_MS, pass).sort((a, b) => a - b);
  const medianMs = passes[Math.floor(passes.length / 2)] ?? 0;
  return {
    megabytesPerSecond: round(bytes / 1e6 / (medianMs / 1e3)),
    slowestPassMegabytesPerSecond: round(bytes / 1e6 / ((passes.at(-1) ?? 0) / 1e3)),
    codeLinesKeptPercent: round(codeKept(bodies, convert)),
  };
}

function passesFor(durationMs: number, pass: () => number): number[] {
  const passes: number[] = [];
  for (const endsAt = performance.now() + durationMs; performance.now() < endsAt || passes.length === 0; )
    passes.push(pass());
  return passes;
}

/** The share of the lines of code macros that stand in the Markdown as lines of their own. */
function codeKept(bodies: readonly string[], convert: Convert): number {
  let lines = 0;
  let kept = 0;
  for (const body of bodies) {
    const output = new Set(convert(body).split('\n').map(bareLine));
    for (const [, code = ''] of body.matchAll(/<ac:plain-text-body><!\[CDATA\[(.*?)\]\]>\s*<\/ac:plain-text-body>/gs)) {
      const wanted = code
        .replaceAll(']]]]><![CDATA[>', ']]>')
        .split('\n')
        .filter((line) => line.trim() !== '');
      lines += wanted.length;
      kept += wanted.filter((line) => output.has(bareLine(line))).length;
    }
  }
  return lines === 0 ? 100 : (100 * kept) / lines;
}

/** Without what a quote or list puts in front. */
function bareLine(line: string): string {
  return line.replace(/^[>\s]+/, '').trimEnd();
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

if (import.meta.main) {
  const { name, rows } = await benchContent();
  console.log(name);
  console.table(rows);
}
