import { globSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { appHookData, getModel, type RegisteredFunction, runHooks, sealFunctions } from './registry.ts';

const CORE_MODULE_URL = new URL('./core-module.ts', import.meta.url).href;

/**
 * Loads the files that package.json's `main` names (a path or a glob, relative to the app) and runs the appStart
 * hooks, in the order of the official worker.
 *
 * @returns the registered functions
 * @throws an Error with one line when a file throws while it loads: as on Azure, no function runs then
 */
export async function loadApp(appDir: string): Promise<RegisteredFunction[]> {
  const functionAppDirectory = resolve(appDir);
  const main = readMain(functionAppDirectory);
  const files = globSync(main, { cwd: functionAppDirectory }).sort();
  if (files.length === 0) throw new Error(`package.json "main" is "${main}", but no such file exists; build the app`);
  provideCoreModule();
  for (const file of files) {
    try {
      await import(pathToFileURL(join(functionAppDirectory, file)).href);
    } catch (error) {
      throw new Error(`${file} failed to load, so no function runs: ${oneLine(error)}`, { cause: error });
    }
  }
  const functions = sealFunctions();
  if (functions.length === 0) throw new Error(`${main} ${EMPTY_APP}`);
  await checkCapabilities();
  await runHooks('appStart', { hookData: appHookData, appHookData, functionAppDirectory });
  return functions;
}

const EMPTY_APP =
  'registered no function; when @azure/functions is bundled into an ES module, the bundle needs `require` ' +
  '(node:module createRequire) and @azure/functions-core must stay external';

function readMain(appDir: string): string {
  const file = join(appDir, 'package.json');
  let manifest: { main?: unknown };
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${oneLine(error)}`);
  }
  if (typeof manifest.main !== 'string' || manifest.main === '') {
    throw new Error(`${file} has no "main"; name the file or glob that registers the functions`);
  }
  return manifest.main;
}

/** Covers `require` and `import`, from the app's own files, its packages and a bundle of both. */
function provideCoreModule(): void {
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === '@azure/functions-core'
        ? { url: CORE_MODULE_URL, format: 'module-typescript', shortCircuit: true }
        : nextResolve(specifier, context),
  });
}

/** Asking for the capabilities also locks `app.setup`, as the worker does once the app is loaded. */
async function checkCapabilities(): Promise<void> {
  const capabilities = await getModel()?.getCapabilities?.({});
  if (capabilities && 'HttpUri' in capabilities) {
    throw new Error('app.setup({ enableHttpStream: true }) is not supported by the local functions host');
  }
}

/** The message and the first place in the app's own code, for a line that a developer can act on. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => line.includes('file://') && !line.includes('node_modules'));
  return `${error.name}: ${error.message.split('\n')[0]}${place ? ` (${place.trim()})` : ''}`;
}
