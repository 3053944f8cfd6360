import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayActForSigner } from './permission.ts';

const rows: [allowed: string, asked: string[], may: boolean][] = [
  ['example.com/s', ['example.com/s'], true],
  ['example.com/*', ['example.com/s', 'example.com/*'], true],
  ['other.com/*', ['example.com/s', 'example.com/*'], false],
];

for (const [allowed, expected, may] of rows) {
  test(`a user – allowed ${allowed} – ${may ? 'may' : 'may not'} sign for example.com/s`, async () => {
    const asked: string[] = [];
    const authorizer = {
      async authorize({ verb, group, resource, name }: Record<string, unknown>) {
        asked.push(`${name}`);
        assert.deepEqual([verb, group, resource], ['sign', 'certificates.k8s.io', 'signers']);
        return { decision: name === allowed ? ('allow' as const) : ('noOpinion' as const), reason: '' };
      },
    } as unknown as Parameters<typeof mayActForSigner>[0];
    const user = { name: 'jane', groups: [] };
    assert.equal(await mayActForSigner(authorizer, user, 'sign', 'example.com/s'), may);
    assert.deepEqual(asked, expected);
  });
}
