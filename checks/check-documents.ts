import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Check, type Project, REPOSITORY } from './project.ts';

/** Links of the documents lead somewhere, and the commands in them name scripts and files that exist. */
export const checkDocuments: Check = (project) => {
  const scripts = Object.keys(JSON.parse(project.read('package.json')).scripts);
  return [...project.files('*.md'), ...project.files('docs/*.md')].flatMap((path) => {
    const text = project.read(path);
    return [...deadLinks(project, path, text), ...deadCommands(path, text, scripts)];
  });
};

function deadLinks(project: Project, path: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .map((target) => join(dirname(path), target.split('#')[0] ?? ''))
    .filter((target) => !existsSync(join(project.root, target)) && !existsSync(join(REPOSITORY, target)))
    .map((target) => `${path}: links to ${target}, which does not exist`);
}

function deadCommands(path: string, text: string, scripts: readonly string[]): string[] {
  const npm = [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, script]) => script ?? '');
  const node = [...text.matchAll(/\bnode ((?:[\w-]+\/)*[\w-]+\.ts)/g)].map(([, file]) => file ?? '');
  return [
    ...npm.filter((script) => !scripts.includes(script)).map((script) => `${path}: there is no npm script ${script}`),
    ...node
      .filter((file) => !existsSync(join(REPOSITORY, file)))
      .map((file) => `${path}: runs ${file}, which does not exist`),
  ];
}
