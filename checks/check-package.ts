import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import ignore from 'ignore';
import { type Check, REPOSITORY } from './project.ts';

/** All that a deployment may hold. */
const WANTED = /^(host\.json|package\.json|dist\/functions\.js(\.map)?|dist\/chunks\/[\w-]+\.js(\.map)?)$/;
const REQUIRED = ['host.json', 'package.json'];

/** The files that `.funcignore` leaves for a deployment. */
export function packageContent(root: string, funcignore: string): string[] {
  const rules = ignore().add(funcignore);
  const walk = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const isFolder = statSync(path).isDirectory();
      const below = relative(root, path);
      if (rules.ignores(isFolder ? `${below}/` : below)) return [];
      return isFolder ? walk(path) : [below];
    });
  return walk(root).sort();
}

/** A deployment holds the bundle and what the host needs to run it, nothing else. */
export const checkPackage: Check = (project) => {
  const content = packageContent(REPOSITORY, project.read('.funcignore'));
  const installs = ignore().add(project.read('.funcignore')).ignores('node_modules/');
  return [
    ...(installs ? ['.funcignore: write node_modules/*; with the folder itself azd refuses `remoteBuild: false`'] : []),
    ...content
      .filter((path) => !WANTED.test(path))
      .slice(0, 5)
      .map((path) => `.funcignore: lets ${path} into the package`),
    ...REQUIRED.filter((path) => !content.includes(path)).map(
      (path) => `.funcignore: keeps ${path} out of the package`,
    ),
  ];
};
