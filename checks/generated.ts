import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containers, queues } from '../shared/platform/containers.ts';
import { capacityTables } from './capacity-tables.ts';
import { type Check, type Project, projectAt, REPOSITORY } from './project.ts';
import { workbookJson } from './workbook.ts';

const WRITE = 'run: node checks/generated.ts';

/** Files, and a part of one, that follow from the code. */
const generated: readonly { readonly path: string; readonly content: (project: Project) => string }[] = [
  { path: 'infra/generated/cosmos-containers.json', content: () => json(containers) },
  { path: 'infra/generated/queues.json', content: () => json(queues) },
  {
    path: 'infra/generated/workbook.json',
    content: (project) => workbookJson((name) => project.read(`infra/queries/${name}.kql`).trim()),
  },
  { path: 'docs/operations.md', content: (project) => withTables(project.read('docs/operations.md')) },
];

/** What follows from the code is up to date. */
export const checkGenerated: Check = (project) => [
  ...generated.flatMap(({ path, content }) =>
    readIfThere(project, path) === content(project) ? [] : [`${path}: is out of date; ${WRITE}`],
  ),
  ...(project.read('infra/modules/cosmos.bicep').includes("loadJsonContent('../generated/cosmos-containers.json')")
    ? []
    : ['infra/modules/cosmos.bicep: must take its containers from ../generated/cosmos-containers.json']),
  ...(project.read('infra/modules/storage.bicep').includes("loadJsonContent('../generated/queues.json')")
    ? []
    : ['infra/modules/storage.bicep: must take its queues from ../generated/queues.json']),
];

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function readIfThere(project: Project, path: string): string | undefined {
  try {
    return project.read(path);
  } catch {
    return undefined;
  }
}

/** The text between `<!-- NAME -->` and `<!-- /NAME -->` is a table of the same arithmetic that the service uses. */
function withTables(document: string): string {
  return Object.entries(capacityTables()).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
        (_, start: string, end: string) => `${start}\n${table}\n\n${end}`,
      ),
    document,
  );
}

if (import.meta.main) {
  const project = projectAt(REPOSITORY);
  for (const { path, content } of generated) writeFileSync(join(REPOSITORY, path), content(project));
}
