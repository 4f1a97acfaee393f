import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { StackError } from './stack/error.ts';

/** A part as its own process. It speaks the protocol of `runPart`. */
export interface PartSpec {
  readonly name: string;
  /** The path of its `main.ts`. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Options of Node itself. */
  readonly execArgv?: readonly string[];
  /** Started again when it dies; the death of a part without this ends the stack. */
  readonly restart?: boolean;
  /** How long it may take to end after SIGTERM. Default 5,000. */
  readonly stopMs?: number;
}

export interface SupervisorOptions {
  /** Every part writes `{name}.log` here. */
  readonly logDir: string;
  /** Gets what a part writes to stderr, and what happens to the parts. */
  readonly log: (line: string) => void;
  /** A part has died that cannot be started again. Called once; the caller stops the rest. */
  readonly onDeath: (message: string) => void;
  /** A part is ready again under a new process id. */
  readonly onRestart: (name: string) => void;
}

export interface Supervisor {
  /** Resolves to the part's address when it is ready; rejects with one line that says why it is not. */
  start(spec: PartSpec): Promise<string>;
  pids(): Record<string, number>;
  /** Ends the parts, those that restart first, because they use the others. Safe to call at any time, more than once. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

const READY_MS = 60_000;
const STOP_MS = 5_000;
const RESTART_PAUSE_MS = 500;
const MAX_FAILED_RESTARTS = 5;

interface Process {
  readonly spec: PartSpec;
  readonly child: ChildProcess;
  /** Rejects when the process ends first. */
  readonly ready: Promise<string>;
  /** Resolves to how it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
}

/** Starts and watches the processes of a stack. None outlives this one: each ends when its IPC channel closes. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const running = new Map<string, Process>();
  let stopped: Promise<void> | undefined;
  let dead = false;
  mkdirSync(options.logDir, { recursive: true });

  async function start(spec: PartSpec): Promise<string> {
    if (stopped) throw new StackError(`${spec.name}: the stack is stopping`);
    const process = launch(spec, options, 'w');
    running.set(spec.name, process);
    const url = await process.ready;
    void watch(process);
    return url;
  }

  async function watch(process: Process): Promise<void> {
    const { spec } = process;
    const how = await process.ended;
    if (stopped) return;
    if (!spec.restart) return die(`${spec.name} ended (${how}), so the stack stops; see ${logFile(options, spec)}`);
    options.log(`${spec.name} ended (${how}); starting it again`);
    const again = await restart(spec);
    if (again) void watch(again);
  }

  async function restart(spec: PartSpec): Promise<Process | undefined> {
    for (let attempt = 1; !stopped; attempt += 1) {
      const process = launch(spec, options, 'a');
      running.set(spec.name, process);
      try {
        await process.ready;
        options.onRestart(spec.name);
        return process;
      } catch (error) {
        if (stopped) break;
        if (attempt === MAX_FAILED_RESTARTS) {
          die(`${(error as Error).message}; it did not start ${attempt} times, so the stack stops`);
          break;
        }
        await delay(RESTART_PAUSE_MS);
      }
    }
    return undefined;
  }

  function die(message: string): void {
    if (dead) return;
    dead = true;
    options.onDeath(message);
  }

  async function stopAll(): Promise<void> {
    const processes = [...running.values()];
    await Promise.all(processes.filter(({ spec }) => spec.restart).map(end));
    await Promise.all(processes.filter(({ spec }) => !spec.restart).map(end));
  }

  return {
    start,
    pids: () => Object.fromEntries([...running].map(([name, { child }]) => [name, child.pid ?? 0])),
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    kill() {
      stopped ??= Promise.resolve();
      for (const { child } of running.values()) child.kill('SIGKILL');
    },
  };
}

function launch(spec: PartSpec, options: SupervisorOptions, logFlag: 'w' | 'a'): Process {
  const file = logFile(options, spec);
  const output = openSync(file, logFlag, 0o600);
  const child = fork(spec.entry, spec.args, {
    execArgv: ['--disable-warning=ExperimentalWarning', ...(spec.execArgv ?? [])],
    env: spec.env ?? process.env,
    stdio: ['ignore', output, 'pipe', 'ipc'],
    // A group of its own: Ctrl-C reaches only the supervisor, which then stops the parts in the right order.
    detached: true,
  });
  closeSync(output);
  const errors = collectErrors(child, file, (line) => options.log(`${spec.name}: ${line}`));
  const ended = once(child, 'close').then(([code, signal]) => String(signal ?? `exit code ${code}`));
  const ready = new Promise<string>((resolve, reject) => {
    const tooLate = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new StackError(`${spec.name} was not ready after ${READY_MS / 1000} s; see ${file}`));
    }, READY_MS);
    child.on('message', (message: { ready?: string }) => {
      if (message.ready === undefined) return;
      errors.pass();
      clearTimeout(tooLate);
      resolve(message.ready);
    });
    void ended.then((how) => {
      clearTimeout(tooLate);
      reject(new StackError(errors.text() || `${spec.name} ended (${how}) before it was ready; see ${file}`));
    });
  });
  ready.catch(() => {});
  return { spec, child, ready, ended };
}

/** Stderr goes to the log file; until `pass` it is held back, because it then is the reason for a failed start. */
function collectErrors(child: ChildProcess, file: string, log: (line: string) => void) {
  const held: string[] = [];
  let passing = false;
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      appendFileSync(file, `${line}\n`);
      if (passing) log(line);
      else held.push(line);
    });
  return {
    pass() {
      passing = true;
      for (const line of held.splice(0)) log(line);
    },
    text: () => held.join('\n'),
  };
}

async function end({ spec, child, ended }: Process): Promise<void> {
  child.kill('SIGTERM');
  const tooLate = setTimeout(() => child.kill('SIGKILL'), spec.stopMs ?? STOP_MS);
  await ended;
  clearTimeout(tooLate);
}

const logFile = (options: SupervisorOptions, spec: PartSpec) => join(options.logDir, `${spec.name}.log`);
