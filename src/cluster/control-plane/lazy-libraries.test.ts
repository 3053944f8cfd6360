/** Libraries that a control plane loads on first use: each costs start-up time and memory of every cluster. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const script = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const found = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url);
      if (found) packages.add(found[1]);
      return next(url, context);
    },
  });
  await import('${import.meta.resolve('./control-plane.ts')}');
  console.log(JSON.stringify([...packages]));
`;

test('the modules of a control plane – imported – load no library for requests, encryption or certificates', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const packages: string[] = JSON.parse(output);
  assert.ok(packages.includes('prom-client'), 'the packages are counted');
  const lazy = ['undici', '@grpc/grpc-js', '@noble/ciphers', '@peculiar/x509', 'reflect-metadata'];
  assert.deepEqual(
    packages.filter((name) => lazy.includes(name)),
    [],
  );
});
