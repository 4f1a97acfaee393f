import type { FunctionMetadata, Handler, HookCallback, LogCategory, LogLevel, ProgrammingModel } from './core-types.ts';

/** What the app's main file registered. One process runs one app, as on Azure, so this is module state. */
export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly handler: Handler;
}

export type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';

const HOOK_NAMES: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];
// The rule of the real host: a letter, then letters, digits, - and _, at most 128 characters.
const FUNCTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,127}$/;

const functions = new Map<string, RegisteredFunction>();
const hooks = new Map<string, HookCallback[]>();
let model: ProgrammingModel | undefined;
let sealed = false;

/** The sink for `log()` of the core module; the host sets it before it loads the app. */
export const sink: { log: (level: LogLevel, category: LogCategory, message: string) => void } = { log: () => {} };

/** Data that hooks of every scope share (`appHookData` of the core interface). */
export const appHookData: Record<string, unknown> = {};

/** Registers a function; answers what removes it again. Throws after the start, as the worker does. */
export function addFunction(metadata: FunctionMetadata, handler: Handler): () => void {
  if (sealed) throw new Error('A function can only be registered while the app starts.');
  if (!FUNCTION_NAME.test(metadata.name)) {
    throw new Error(`function name "${metadata.name}": use a letter, then letters, digits, "-" and "_", at most 128`);
  }
  const key = metadata.name.toLowerCase();
  if (functions.has(key)) throw new Error(`function "${metadata.name}" is registered twice; names ignore case`);
  if (typeof handler !== 'function') throw new Error(`function "${metadata.name}" has no handler`);
  functions.set(key, { metadata, handler });
  return () => functions.delete(key);
}

/** Registers a hook; answers what removes it again. The library relies on the RangeError for an unknown name. */
export function addHook(name: string, callback: HookCallback): () => void {
  if (!HOOK_NAMES.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
  const list = hooks.get(name) ?? [];
  hooks.set(name, [...list, callback]);
  return () => {
    hooks.set(
      name,
      (hooks.get(name) ?? []).filter((known) => known !== callback),
    );
  };
}

export function setModel(value: ProgrammingModel): void {
  model = value;
}

export function getModel(): ProgrammingModel | undefined {
  return model;
}

export function hooksOf(name: HookName): readonly HookCallback[] {
  return hooks.get(name) ?? [];
}

/** Runs hooks one after the other; one that throws stops the rest and fails what it hooks into. */
export async function runHooks(name: HookName, context: object): Promise<void> {
  for (const hook of hooksOf(name)) await hook(context);
}

/** Ends the registration and lists what was registered, in that order. */
export function sealFunctions(): RegisteredFunction[] {
  sealed = true;
  return [...functions.values()];
}
