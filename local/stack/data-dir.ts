import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { StackError } from './error.ts';

/** What `stack.json` in the data folder holds while a stack runs. */
export interface StackFile {
  functionsUrl: string;
  dashboardUrl: string;
  atlassianUrl: string;
  issuerUrl: string;
  cosmosUrl: string;
  keyVaultUrl: string;
  queueUrl: string;
  /** For NODE_EXTRA_CA_CERTS of whoever talks to the key vault. */
  keyVaultCertificate: string;
  /** Role `Confluence.Manage.All`, for 24 hours from the start. */
  dashboardToken: string;
  pids: Record<string, number>;
}

export interface DataDir {
  readonly path: string;
  readonly stackFile: string;
  /** Processes of a stack that was killed; they may still be ending. */
  readonly formerPids: readonly number[];
  writeStackFile(content: StackFile): void;
  removeStackFile(): void;
  /** Gives the folder back; a process that ends does so by itself. */
  release(): void;
}

const SQLITE_BUSY = 5;
const formerSchema = z.object({ pids: z.record(z.string(), z.int().positive()) });

/**
 * Makes the folder and holds it for this process. Throws a {@link StackError} when another stack holds it or nothing can
 * be written there.
 */
export function openDataDir(path: string): DataDir {
  const lock = lockFolder(path);
  const stackFile = join(path, 'stack.json');
  return {
    path,
    stackFile,
    formerPids: readFormerPids(stackFile),
    writeStackFile(content) {
      // Whole or not at all: others poll for this file. It holds a token, so nobody else may read it.
      writeFileSync(`${stackFile}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
      renameSync(`${stackFile}.new`, stackFile);
    },
    removeStackFile: () => rmSync(stackFile, { force: true }),
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

/** SQLite's lock on a file: the system gives it back however the process ends. */
function lockFolder(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(path, { recursive: true });
    lock = new DatabaseSync(join(path, 'stack.lock'));
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    throw new StackError(
      (error as { errcode?: number }).errcode === SQLITE_BUSY
        ? `A stack already runs on ${path}; stack.json there has its addresses. Stop it, or set LOCAL_DATA_DIR and LOCAL_PORT_BASE for a second one.`
        : `The data folder ${path} cannot be used: ${(error as Error).message}. Set LOCAL_DATA_DIR to a folder that can be written.`,
    );
  }
}

function readFormerPids(stackFile: string): number[] {
  try {
    return Object.values(formerSchema.parse(JSON.parse(readFileSync(stackFile, 'utf8'))).pids);
  } catch {
    return [];
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
