import { escapeHtml } from '../http/html.ts';
import { generatedAccountId } from './people.ts';
import { Random } from './random.ts';
import { generatedTitle } from './titles.ts';
import { COMMANDS, LANGUAGES, SENTENCES, TASKS, THINGS } from './vocabulary.ts';

export interface BodySeed {
  seed: number;
  /** The page's place among the generated pages of its site. */
  index: number;
  bodyVersion: number;
  /** Average size; single pages vary from a fifth to five times of it. */
  bodyBytes: number;
  users: number;
  pages: number;
}

type Block = (random: Random, page: BodySeed) => string;

/** Storage format of a generated page: a function of its seed, index and version alone. */
export function generateBody(page: BodySeed): string {
  const random = new Random(page.seed, page.index, page.bodyVersion, 7);
  const target = targetBytes(random, page.bodyBytes);
  const parts = [paragraph(random, page)];
  let bytes = parts[0]?.length ?? 0;
  while (bytes < target) {
    const block = random.pick(BLOCKS)(random, page);
    parts.push(block);
    bytes += block.length;
  }
  return parts.join('');
}

/** Many small pages, a few large ones. The mean of the spread is close to 1. */
function targetBytes(random: Random, average: number): number {
  const draw = random.next();
  if (draw < 0.5) return average * (0.2 + random.next() * 0.5);
  if (draw < 0.95) return average * (0.7 + random.next() * 1.1);
  return average * (2 + random.next() * 3);
}

const sentence = (random: Random) => escapeText(random.pick(SENTENCES));

function paragraph(random: Random, page: BodySeed): string {
  const sentences = Array.from({ length: 2 + random.below(4) }, () => sentence(random));
  if (random.next() < 0.25) sentences.push(`Ask ${mention(random, page)} first.`);
  if (random.next() < 0.3) sentences.push(`See ${pageLink(random, page)}.`);
  return `<p>${sentences.join(' ')}</p>`;
}

const heading: Block = (random, page) =>
  `<h2>${escapeText(`${random.pick(TASKS)} ${random.pick(THINGS)}`)}</h2>${paragraph(random, page)}`;

const list: Block = (random) => {
  const tag = random.next() < 0.5 ? 'ul' : 'ol';
  const items = Array.from({ length: 3 + random.below(4) }, () => `<li><p>${sentence(random)}</p></li>`);
  return `<${tag}>${items.join('')}</${tag}>`;
};

const code: Block = (random) =>
  `<ac:structured-macro ac:name="code" ac:schema-version="1"><ac:parameter ac:name="language">${random.pick(LANGUAGES)}</ac:parameter><ac:plain-text-body><![CDATA[${random.pick(COMMANDS)}]]></ac:plain-text-body></ac:structured-macro>`;

const panel: Block = (random) =>
  `<ac:structured-macro ac:name="${random.pick(['info', 'note', 'warning', 'tip'])}" ac:schema-version="1"><ac:rich-text-body><p>${sentence(random)}</p></ac:rich-text-body></ac:structured-macro>`;

const table: Block = (random) => {
  const rows = Array.from(
    { length: 2 + random.below(5) },
    (_, index) =>
      `<tr><td><p>${index + 1}</p></td><td><p>${escapeText(random.pick(THINGS))}</p></td><td><p>${status(random)}</p></td></tr>`,
  );
  return `<table data-layout="default"><tbody><tr><th><p>No.</p></th><th><p>System</p></th><th><p>State</p></th></tr>${rows.join('')}</tbody></table>`;
};

const expand: Block = (random, page) =>
  `<ac:structured-macro ac:name="expand" ac:schema-version="1"><ac:parameter ac:name="title">Background</ac:parameter><ac:rich-text-body>${paragraph(random, page)}</ac:rich-text-body></ac:structured-macro>`;

const tasks: Block = (random, page) => {
  const items = Array.from(
    { length: 2 + random.below(3) },
    (_, index) =>
      `<ac:task><ac:task-id>${index + 1}</ac:task-id><ac:task-status>${random.next() < 0.4 ? 'complete' : 'incomplete'}</ac:task-status><ac:task-body><span class="placeholder-inline-tasks">${mention(random, page)} ${sentence(random)}</span></ac:task-body></ac:task>`,
  );
  return `<ac:task-list>${items.join('')}</ac:task-list>`;
};

const BLOCKS: [Block, ...Block[]] = [
  paragraph,
  paragraph,
  paragraph,
  heading,
  heading,
  list,
  list,
  code,
  panel,
  table,
  expand,
  tasks,
];

function status(random: Random): string {
  const [colour, title] = random.pick([
    ['Green', 'IN SERVICE'],
    ['Yellow', 'DEGRADED'],
    ['Red', 'RETIRED'],
  ]);
  return `<ac:structured-macro ac:name="status" ac:schema-version="1"><ac:parameter ac:name="title">${title}</ac:parameter><ac:parameter ac:name="colour">${colour}</ac:parameter></ac:structured-macro>`;
}

function mention(random: Random, page: BodySeed): string {
  return `<ac:link><ri:user ri:account-id="${generatedAccountId(page.seed, random.below(Math.max(1, page.users)))}" /></ac:link>`;
}

function pageLink(random: Random, page: BodySeed): string {
  const title = generatedTitle(page.seed, random.below(Math.max(1, page.pages)));
  return `<ac:link><ri:page ri:content-title="${escapeHtml(title)}" /></ac:link>`;
}

/** Storage format writes typographic quotes as named entities; readers without a DTD have to know them. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('’', '&rsquo;');
}
