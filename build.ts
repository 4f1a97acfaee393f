import { readdirSync } from 'node:fs';
import { build as bundle } from 'esbuild';

const root = import.meta.dirname;

/**
 * Bundles every function into the one file that package.json `main` names: `dist/functions.js` with a source map. The
 * library's host module stays outside; the Functions worker provides it.
 */
export async function build(): Promise<void> {
  const functions = readdirSync(`${root}/functions`).filter((file) => file.endsWith('.ts'));
  await bundle({
    stdin: {
      contents: functions.map((file) => `import './functions/${file}';`).join('\n'),
      resolveDir: root,
      sourcefile: 'functions.ts',
    },
    outfile: `${root}/dist/functions.js`,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    sourcemap: true,
    external: ['@azure/functions-core'],
    // Packages written for CommonJS call require() for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

if (import.meta.main) await build();
