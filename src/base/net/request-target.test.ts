import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originForm, readRequestTarget } from './request-target.ts';

const read: [target: string, segments: string[], query: string][] = [
  ['/', [''], ''],
  ['/pods', ['pods'], ''],
  ['/pods/', ['pods', ''], ''],
  ['/%70ods?x=/../exec', ['pods'], 'x=%2F..%2Fexec'],
  ['/exec/a/b/c?command=a%20b&command=c', ['exec', 'a', 'b', 'c'], 'command=a+b&command=c'],
  ['/metrics#x', ['metrics#x'], ''],
  ['https://node:10250/pods?a=b', ['pods'], 'a=b'],
  ['/a..b/...', ['a..b', '...'], ''],
  ['/metrics%2Fresource', ['metrics', 'resource'], ''],
];
const refused = [
  '',
  '*',
  'pods',
  '//x/pods',
  '/metrics//pods',
  '/pods//',
  '/metrics/../pods',
  '/metrics/..',
  '/./pods',
  '/metrics/%2e%2e/pods',
  '/metrics/.%2E/pods',
  '/metrics/..%2fpods',
  '/metrics%2f..%2fpods',
  '/metrics\\..\\pods',
  '/metrics/..%5cpods',
  '/metrics/%00/pods',
  '/metrics/%zz',
  'https://node',
  '/metrics#/../pods',
  'https://node/metrics/../pods',
];

for (const [target, segments, query] of read) {
  test(`the target ${target} – read once – has segments and a query`, () => {
    const { segments: found, query: asked } = readRequestTarget(target)!;
    assert.deepEqual(found, segments);
    assert.equal(asked.toString(), query);
  });
}

for (const target of refused) {
  test(`the target ${JSON.stringify(target)} – without a single meaning – is not read`, () => {
    assert.equal(readRequestTarget(target), undefined);
  });
}

const origins: [target: string, origin: string | undefined][] = [
  ['/api?watch=1', '/api?watch=1'],
  ['//host/api', '//host/api'],
  ['https://host:6443/api?x=/y', '/api?x=/y'],
  ['HTTP://host/api', '/api'],
  ['https://host', undefined],
  ['https://host?/api', undefined],
  ['https://host#/api', undefined],
  ['ftp://host/api', undefined],
  ['host:443', undefined],
  ['*', undefined],
  ['', undefined],
];

for (const [target, origin] of origins) {
  test(`the target ${JSON.stringify(target)} – in origin form – is ${origin ?? 'undefined'}`, () => {
    assert.equal(originForm(target), origin);
  });
}
