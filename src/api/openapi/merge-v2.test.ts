import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergedV2, pathsBelow } from './merge-v2.ts';

const to = (name: string) => ({ schema: { $ref: `#/definitions/${name}` } });

test('a document – narrowed to the paths below a prefix – keeps what those refer to and nothing else', () => {
  const document = {
    paths: { '/apis/g/v1/a': to('A'), '/apis/': to('B') },
    definitions: { A: { properties: { c: { $ref: '#/definitions/C' } } }, B: {}, C: { type: 'string' } },
  };
  assert.deepEqual(pathsBelow(document, '/apis/g/v1/'), {
    paths: { '/apis/g/v1/a': to('A') },
    definitions: { A: document.definitions.A, C: document.definitions.C },
  });
});

test('documents – merged – equal definitions are shared, others of the same name renamed with their references', () => {
  const own = { paths: { '/a': to('A') }, definitions: { A: { type: 'string' }, Same: { type: 'object' } } };
  const other = {
    paths: { '/a': to('Same'), '/b': to('A'), '/c': to('Same') },
    definitions: { A: { items: { $ref: '#/definitions/A' } }, Same: { type: 'object' } },
  };
  assert.deepEqual(mergedV2(own, [other]), {
    paths: { '/a': to('A'), '/b': to('A_v2'), '/c': to('Same') },
    definitions: {
      A: { type: 'string' },
      Same: { type: 'object' },
      A_v2: { items: { $ref: '#/definitions/A_v2' } },
    },
  });
});
