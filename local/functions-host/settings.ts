import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type Env = Record<string, string | undefined>;

const LocalSettings = z.object({
  IsEncrypted: z.literal(false, 'encrypted settings are not supported; set it to false').optional(),
  Values: z.record(z.string(), z.string('settings are strings; put the value in quotes')).default({}),
});

/**
 * Puts the `Values` of a local.settings.json into `env`, where the app reads them. What `env` has already wins, as in
 * the Core Tools. A missing file is fine.
 */
export function applyLocalSettings(env: Env, file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const settings = LocalSettings.safeParse(parseJson(text, file));
  if (!settings.success) throw new Error(`${file}: ${z.prettifyError(settings.error)}`);
  for (const [name, value] of Object.entries(settings.data.Values)) env[name] ??= value;
}

/** Replaces each `%NAME%` by that setting, as bindings do on Azure. A name that is not set is an error. */
export function expandSettings(text: string, env: Env): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`"${text}" names the setting ${name}, which is not set`);
    return value;
  });
}

/** A whole number of seconds from a setting of this host (`LOCAL_DRAIN_SECONDS`), in milliseconds. */
export function secondsSetting(env: Env, name: string, fallbackSeconds: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallbackSeconds * 1000;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new Error(`${name} is "${text}"; set a number of seconds`);
  return seconds * 1000;
}

/** @throws an Error that names the file. Accepts a leading byte order mark, which some editors write. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
}
