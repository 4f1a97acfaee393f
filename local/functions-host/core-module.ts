/**
 * What `require('@azure/functions-core')` answers inside an app: the module that the official Node worker builds in.
 * `@azure/functions` finds its host through it. The exported names are Microsoft's.
 */

import type { FunctionMetadata, Handler, HookCallback, LogCategory, LogLevel, ProgrammingModel } from './core-types.ts';
import { addFunction, addHook, getModel, setModel, sink } from './registry.ts';

export const version = '3.13.0';
export const hostVersion = '4.1045.0';

export class Disposable {
  #onDispose: (() => unknown) | undefined;

  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): unknown {
    const onDispose = this.#onDispose;
    this.#onDispose = undefined;
    return onDispose?.();
  }
}

export function registerFunction(metadata: FunctionMetadata, handler: Handler): Disposable {
  return new Disposable(addFunction(metadata, handler));
}

export function registerHook(name: string, callback: HookCallback): Disposable {
  return new Disposable(addHook(name, callback));
}

export function setProgrammingModel(model: ProgrammingModel): void {
  setModel(model);
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return getModel();
}

export function log(level: LogLevel, category: LogCategory, message: string): void {
  sink.log(level, category, message);
}
