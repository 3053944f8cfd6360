import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '#api/meta/status.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { type Format, negotiate, negotiateStream, type Offer } from './negotiate.ts';

const all: Offer = { protobuf: true, tables: true };
const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const table = 'as=Table;g=meta.k8s.io';

/** What is chosen: shape, media type, version of meta.k8s.io; or the words of the refusal. */
type Choose = (request: ApiRequest, offer: Offer) => Format;

function chosen(accept: string, offer = all, choose: Choose = negotiate): string {
  try {
    const { as, media, metaVersion } = choose({ method: 'GET', path: '/', headers: { accept } }, offer);
    return `${as} ${media}${as === 'object' ? '' : ` ${metaVersion}`}`;
  } catch (error) {
    assert.ok(error instanceof StatusError && error.code === 406);
    return error.message;
  }
}

const refusal = `only the following media types are accepted: ${types}`;

/** Of upstream's router, which knows no partial wildcards. */
const notOnRoute = `406: Not Acceptable\n\nAvailable representations: ${types}`;

const cases: [accept: string, expected: string][] = [
  ['application/json', 'object json'],
  ['application/vnd.kubernetes.protobuf', 'object protobuf'],
  ['application/vnd.kubernetes.protobuf,application/json', 'object protobuf'],
  ['application/vnd.kubernetes.protobuf, */*', 'object protobuf'],
  ['application/json,application/vnd.kubernetes.protobuf', 'object json'],
  ['application/vnd.kubernetes.protobuf;q=0.5,application/json', 'object json'],
  ['application/json;q=0.1,application/yaml', 'object yaml'],
  ['*/*;q=0.8,application/yaml', 'object yaml'],
  ['*', notOnRoute],
  ['application/*', notOnRoute],
  ['text/html', notOnRoute],
  ['text/html,*/*;q=0.1', 'object json'],
  [`application/json;${table};v=v1`, 'Table json v1'],
  [`application/json;${table};v=v1beta1`, 'Table json v1beta1'],
  [`application/yaml;${table};v=v1`, 'Table yaml v1'],
  [`*/*;${table};v=v1`, 'Table json v1'],
  [`application/vnd.kubernetes.protobuf;${table};v=v1`, refusal],
  [`application/json;${table};v=v2`, refusal],
  ['application/json;as=Table;v=v1', refusal],
  ['application/json;as=Chart;g=meta.k8s.io;v=v1', refusal],
  [`application/json;${table};v=v2,application/json`, 'object json'],
  [
    'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    'PartialObjectMetadata protobuf v1',
  ],
  ['application/json;stream=watch', 'object json'],
  ['application/json;stream=other', refusal],
  ['application/json;sv=v2', refusal],
  ['application/json;charset=utf-8', 'object json'],
];

for (const [accept, expected] of cases) {
  test(`Accept – ${accept} – ${expected}`, () => assert.equal(chosen(accept), expected));
}

test('a resource without tables – one is asked for – 406 with every accepted type, or the next clause', () => {
  const offer = { protobuf: true, tables: false };
  assert.equal(chosen(`application/json;${table};v=v1`, offer), refusal);
  assert.equal(chosen(`application/json;${table};v=v1,application/json`, offer), 'object json');
});

test('a resource without protobuf – the next clause, or 406', () => {
  const offer = { protobuf: false, tables: true };
  assert.equal(chosen('application/vnd.kubernetes.protobuf,application/json', offer), 'object json');
  assert.equal(chosen('application/vnd.kubernetes.protobuf', offer), refusal);
});

test('a watch – YAML – 406 with what can be streamed', () => {
  const expected =
    'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  assert.equal(chosen('application/yaml', all, negotiateStream), expected);
});
