import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder that is checked: the repository, or a copy of parts of it in which a test has planted a mistake. */
export interface Project {
  readonly root: string;
  read(path: string): string;
  /** Paths below the root, sorted. */
  files(pattern: string): string[];
}

/** One check: what is wrong, a line each, naming the file. */
export type Check = (project: Project) => string[] | Promise<string[]>;

export const REPOSITORY = join(import.meta.dirname, '..');

export function projectAt(root: string): Project {
  return {
    root,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    files: (pattern) => globSync(pattern, { cwd: root }).sort(),
  };
}
