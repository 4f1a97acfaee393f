import { readFileSync } from 'node:fs';
import type { BenchResult } from './content.ts';
import { type Corpus, emulatedStore, startCorpus } from './search-corpus.ts';
import { cqlSearch, miniSearch, ourSearch, type Search } from './search-rivals.ts';

interface Question {
  readonly question: string;
  readonly kind: string;
  /** Weights were chosen by the first half; of the second only totals were seen, when the ranks were fused. */
  readonly set: 'tuning' | 'held out';
  /** All pages that answer it. */
  readonly pages: readonly string[];
}

interface Outcome extends Question {
  /** Places of the answering pages among the results, from 1; 0 when a page is not among the first ten. */
  readonly places: readonly number[];
}

const QUESTIONS = JSON.parse(
  readFileSync(`${import.meta.dirname}/search-questions.json`, 'utf8'),
) as readonly Question[];
const TOTAL_PAGES = 20_000;

/**
 * How well search answers questions as people write them in tickets, beside Confluence's own matching and MiniSearch on
 * the same pages, and how long it takes among 20,000 pages.
 *
 * recall@5: the share of a question's answering pages among the first five. MRR: the mean of 1 ÷ the place of the first.
 */
export async function benchSearch(totalPages = TOTAL_PAGES): Promise<BenchResult> {
  const corpus = await startCorpus(await emulatedStore());
  try {
    const rivals: [string, Search][] = [
      ['Confluence (CQL)', cqlSearch(corpus)],
      ['MiniSearch', miniSearch(corpus.known)],
      ['this index', ourSearch(corpus)],
    ];
    const rows: BenchResult['rows'] = [];
    for (const [name, search] of rivals) {
      rows.push(...qualityRows(name, corpus.known.length, await ask(corpus, search)));
    }
    if (totalPages > corpus.known.length) {
      await corpus.grow(totalPages);
      rows.push(...qualityRows('this index', totalPages, await ask(corpus, ourSearch(corpus))));
      rows.push(await latencyRow(corpus, totalPages));
    }
    return { name: 'search', rows };
  } finally {
    await corpus.close();
  }
}

/** Asks every question. */
export async function ask({ known }: Corpus, search: Search): Promise<Outcome[]> {
  const idByName = new Map(known.map(({ name, pageId }) => [name, pageId]));
  const outcomes: Outcome[] = [];
  for (const question of QUESTIONS) {
    const found = await search(question.question);
    const places = question.pages.map((name) => {
      const pageId = idByName.get(name);
      if (pageId === undefined) throw new Error(`search-questions.json names ${name}, which is no page`);
      return found.indexOf(pageId) + 1;
    });
    outcomes.push({ ...question, places });
  }
  return outcomes;
}

export function qualityRows(search: string, pages: number, outcomes: readonly Outcome[]): BenchResult['rows'] {
  const row = (questions: string, some: readonly Outcome[]) => ({
    search,
    pages,
    questions: `${questions} (${some.length})`,
    'recall@5': mean(some.map(recallAt5)),
    MRR: mean(some.map(reciprocalRank)),
  });
  return [
    row('all', outcomes),
    row(
      'held out',
      outcomes.filter(({ set }) => set === 'held out'),
    ),
  ];
}

function recallAt5({ places }: Outcome): number {
  return places.filter((place) => place > 0 && place <= 5).length / places.length;
}

function reciprocalRank({ places }: Outcome): number {
  const found = places.filter((place) => place > 0);
  return found.length === 0 ? 0 : 1 / Math.min(...found);
}

/**
 * One search at a time, each question three times. With the emulator in this process, its CPU time is the whole search's;
 * it does not depend on what else the machine does.
 */
export async function latencyRow(corpus: Corpus, pages: number): Promise<Record<string, string | number>> {
  const search = ourSearch(corpus);
  const timesMs: number[] = [];
  const cpuMs: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const { question } of QUESTIONS) {
      const start = performance.now();
      const cpu = process.cpuUsage();
      await search(question);
      const { user, system } = process.cpuUsage(cpu);
      timesMs.push(performance.now() - start);
      cpuMs.push((user + system) / 1_000);
    }
  }
  return {
    search: 'this index',
    pages,
    'p50 ms': percentile(timesMs, 0.5),
    'p95 ms': percentile(timesMs, 0.95),
    'CPU p50 ms': percentile(cpuMs, 0.5),
  };
}

function percentile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return Number((sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1));
}

function mean(values: readonly number[]): number {
  return Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3));
}

if (import.meta.main) {
  const { rows } = await benchSearch(Number(process.argv[2] ?? TOTAL_PAGES));
  console.table(rows);
}
