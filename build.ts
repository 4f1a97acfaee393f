import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { build as bundle, type Plugin, transform } from 'esbuild';

const root = import.meta.dirname;

/**
 * Bundles every function for the file that package.json `main` names: `dist/functions.js` with a source map, and chunks
 * beside it for what is imported only when it is needed. The library's host module stays outside; the Functions worker
 * provides it. The tile is bundled first and travels inside.
 *
 * It is written aside and put in its place at the end: a host may be starting from what is there.
 */
export async function build(): Promise<void> {
  const functions = readdirSync(`${root}/functions`).filter((file) => file.endsWith('.ts'));
  const fresh = `${root}/dist/.${process.pid}`;
  await bundle({
    stdin: {
      contents: functions.map((file) => `import './functions/${file}';`).join('\n'),
      resolveDir: root,
      sourcefile: 'functions.ts',
    },
    outdir: fresh,
    entryNames: 'functions',
    chunkNames: 'chunks/[name]-[hash]',
    // Without splitting, esbuild wraps a package that is imported both at once and later, and loses its initialisation.
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    sourcemap: true,
    external: ['@azure/functions-core'],
    plugins: [requireBuiltins],
    define: { TILE_SOURCE: JSON.stringify(await bundleTile()) },
    // Packages written for CommonJS call require() for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  replaceFiles(fresh, `${root}/dist`);
}

/**
 * Node's own modules by require: an import of `node:http` reads every export, among them the getters that load all of
 * fetch and WebSocket, which costs a tenth of the start-up.
 */
const requireBuiltins: Plugin = {
  name: 'require-builtins',
  setup({ onResolve, onLoad }) {
    const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      kind === 'import-statement' && (builtins.has(path) || path.startsWith('node:'))
        ? { path: path.replace(/^(node:)?/, 'node:'), namespace: 'builtin' }
        : undefined,
    );
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** Chunks have their content in their name, so the old entry stays whole until the new one takes its place. */
function replaceFiles(fresh: string, dist: string): void {
  const stale = new Set(existsSync(`${dist}/chunks`) ? readdirSync(`${dist}/chunks`) : []);
  mkdirSync(`${dist}/chunks`, { recursive: true });
  for (const file of existsSync(`${fresh}/chunks`) ? readdirSync(`${fresh}/chunks`) : []) {
    renameSync(`${fresh}/chunks/${file}`, `${dist}/chunks/${file}`);
    stale.delete(file);
  }
  for (const file of ['functions.js.map', 'functions.js']) renameSync(`${fresh}/${file}`, `${dist}/${file}`);
  for (const file of stale) rmSync(`${dist}/chunks/${file}`);
  rmSync(fresh, { recursive: true });
}

/** The Confluence tile for browsers as one small module. */
async function bundleTile(): Promise<string> {
  const { outputFiles } = await bundle({
    entryPoints: [`${root}/shared/tile/index.ts`],
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    plugins: [cssAsText],
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

/** Style sheets go into the bundle as text, without blanks and comments. */
const cssAsText: Plugin = {
  name: 'css-as-text',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code, loader: 'text' };
    }),
};

if (import.meta.main) await build();
