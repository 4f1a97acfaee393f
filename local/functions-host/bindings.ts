import type { Binding, Handler } from './core-types.ts';
import type { RegisteredFunction } from './registry.ts';
import { parseRoute, type Route } from './routes.ts';
import { type Env, expandSettings } from './settings.ts';

interface Common {
  readonly name: string;
  readonly metadata: RegisteredFunction['metadata'];
  readonly handler: Handler;
  readonly bindingName: string;
  readonly disabled: boolean;
}

export interface HttpFunction extends Common {
  readonly trigger: 'http';
  readonly methods: readonly string[];
  readonly route: Route;
}

export interface TimerFunction extends Common {
  readonly trigger: 'timer';
  readonly schedule: string;
  readonly runOnStartup: boolean;
}

export interface QueueFunction extends Common {
  readonly trigger: 'queue';
  readonly queueName: string;
  readonly connectionString: string;
}

export type AppFunction = HttpFunction | TimerFunction | QueueFunction;

const QUEUE_NAME = /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62}$/;

/**
 * Reads one registered function's bindings and expands `%SETTING%` in them.
 *
 * @throws an Error that names the function and what this host does not support
 */
export function readFunction(registered: RegisteredFunction, routePrefix: string, env: Env): AppFunction {
  const { name } = registered.metadata;
  try {
    return readBindings(registered, routePrefix, env);
  } catch (error) {
    throw new Error(`function "${name}": ${(error as Error).message}`);
  }
}

function readBindings({ metadata, handler }: RegisteredFunction, routePrefix: string, env: Env): AppFunction {
  const [bindingName, trigger] = findTrigger(metadata.bindings);
  refuseOthers(metadata.bindings, bindingName);
  if (metadata.retryOptions) throw new Error('a retry policy is not supported by the local functions host');
  const text = (option: string) => expandSettings(String(trigger[option] ?? ''), env);
  const disabled = /^(true|1)$/i.test(env[`AzureWebJobs.${metadata.name}.Disabled`] ?? '');
  const common = { name: metadata.name, metadata, handler, bindingName, disabled };
  switch (trigger.type?.toLowerCase()) {
    case 'httptrigger': {
      if (trigger.authLevel !== 'anonymous') {
        throw new Error(`authLevel "${trigger.authLevel}" is not supported; callers authenticate in the function`);
      }
      const methods = (trigger.methods as string[]).map((method) => method.toUpperCase());
      return { ...common, trigger: 'http', methods, route: parseRoute(text('route') || metadata.name, routePrefix) };
    }
    case 'timertrigger':
      return { ...common, trigger: 'timer', schedule: text('schedule'), runOnStartup: trigger.runOnStartup === true };
    case 'queuetrigger': {
      const queueName = text('queueName');
      if (!QUEUE_NAME.test(queueName)) throw new Error(`"${queueName}" is not a valid queue name`);
      return { ...common, trigger: 'queue', queueName, connectionString: readConnection(trigger, env) };
    }
    default:
      throw new Error(`trigger type "${trigger.type}" is not supported by the local functions host`);
  }
}

function findTrigger(bindings: Readonly<Record<string, Binding>>): [string, Binding] {
  const triggers = Object.entries(bindings).filter(([, binding]) => /trigger$/i.test(binding.type ?? ''));
  const [first] = triggers;
  if (!first || triggers.length > 1) throw new Error('exactly one trigger is needed');
  return first;
}

function refuseOthers(bindings: Readonly<Record<string, Binding>>, triggerName: string): void {
  for (const [name, binding] of Object.entries(bindings)) {
    const isHttpAnswer = name === '$return' && binding.type === 'http';
    if (name === triggerName || isHttpAnswer) continue;
    const kind = binding.direction === 'in' ? 'input' : 'output';
    throw new Error(`${kind} binding "${name}" (${binding.type}) is not supported by the local functions host`);
  }
}

/** A connection names a setting; `AzureWebJobs` may be left out in front of it, as on Azure. */
function readConnection(trigger: Binding, env: Env): string {
  const name = String(trigger.connection || 'AzureWebJobsStorage');
  const value = env[name] ?? env[`AzureWebJobs${name}`];
  if (!value) throw new Error(`set ${name} to a connection string; identity-based connections need Azure`);
  return value;
}
