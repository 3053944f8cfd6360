/**
 * Builds `dist/` (or the folder that is named): kybern as one file, and beside it the entries that run in
 * threads and processes of their own.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * An ES import of `node:http` reads every export, and the one called WebSocket loads the whole of Node's own
 * undici: 40 ms of CPU in each process for something unused. Required as CommonJS, only the used exports are
 * read.
 */
const lazyHttp: Plugin = {
  name: 'lazy-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:http$/ }, ({ path }) => ({ path, namespace: 'lazy-http' }));
    onLoad({ filter: /.*/, namespace: 'lazy-http' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

const changes = git('status', '--porcelain');
const facts = {
  commit: git('rev-parse', 'HEAD') ?? 'unknown',
  treeState: changes === undefined ? 'archive' : changes === '' ? 'clean' : 'dirty',
  date: `${new Date().toISOString().slice(0, 19)}Z`,
};
rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: {
    kybern: join(root, 'src/main.ts'),
    testing: join(root, 'src/testing/library/testing.ts'),
    'sqlite-worker': join(root, 'src/store/sqlite/sqlite-worker.ts'),
    'launcher-process': join(root, 'src/host/processes/launcher-process.ts'),
    'yaml-worker': join(root, 'src/apiserver/request/yaml-worker.ts'),
    'cdi-spec-worker': join(root, 'src/kubelet/cri/cdi/cdi-spec-worker.ts'),
    'manifest-worker': join(root, 'src/kubelet/node/static/manifest-worker.ts'),
  },
  outdir: out,
  bundle: true,
  plugins: [lazyHttp],
  define: { KYBERN_BUILD: JSON.stringify(facts) },
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS dependencies inside an ES module bundle still use these.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

/**
 * Node keeps the text of a module in memory, at two bytes a character if a single one is not ASCII. esbuild
 * escapes all but those in regular expressions.
 */
for (const file of readdirSync(out).filter((name) => name.endsWith('.js'))) {
  const path = join(out, file);
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(path, readFileSync(path, 'utf8').replace(/[\x80-\uffff]/g, escaped));
}
