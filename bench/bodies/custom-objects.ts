/** Objects of custom resources with numbers, texts and defaults that are expensive. */

import { type Body, json, keys, long, many } from './body.ts';

const object = (plural: string, name: string, spec: string): Body => [
  'POST',
  `/apis/x.example/v1/namespaces/default/${plural}`,
  json,
  `{"apiVersion":"x.example/v1","kind":"K${plural}","metadata":{"name":"${name}"},"spec":${spec}}`,
];

export const customObjectsBodies: readonly (readonly [what: string, body: Body])[] = [
  [
    'custom object of integers beyond doubles',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"i"},"spec":{"a":[${many(130_000, (i) => `${9_007_199_254_740_993n + BigInt(i) * 2n}`)}]}}`,
    ],
  ],
  [
    'custom object of numbers and an integer beyond doubles',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"j"},"spec":{"a":[9007199254740993,${many(230_000, (i) => `${i}`)}]}}`,
    ],
  ],
  [
    'texts of half characters',
    [
      'POST',
      '/api/v1/namespaces/default/configmaps',
      json,
      `{"metadata":{"generateName":"s"},"data":{${keys((key) => `"${key}":"\\ud83d${long.slice(6)}"`)}}}`,
    ],
  ],
  [
    'values of half characters',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/cg',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kcg","metadata":{"name":"h"},"spec":{"a":[${many(230_000, () => '"\\ud83d"')}]}}`,
    ],
  ],
  ['custom object of maps', object('cg', 'm', `{${keys((key) => `"${key}":{"a":"v"}`)}}`)],
  [
    'merge patch of a custom object',
    [
      'PATCH',
      '/apis/x.example/v1/namespaces/default/cg/m',
      'application/merge-patch+json',
      `{"spec":{${keys((key) => `"${key}":{"a":"w"}`)}}}`,
    ],
  ],
  [
    '',
    [
      'POST',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      json,
      '{"metadata":{"name":"las.x.example"},"spec":{"group":"x.example","scope":"Namespaced","names":{"plural":"las","kind":"Kla"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","default":"' +
        'd'.repeat(1_000_000) +
        '"}}}}}}}}]}}',
    ],
  ],
  [
    'objects that are given long defaults',
    [
      'POST',
      '/apis/x.example/v1/namespaces/default/las',
      json,
      `{"apiVersion":"x.example/v1","kind":"Kla","metadata":{"name":"l"},"spec":[${many(40_000, () => '{}')}]}`,
    ],
  ],
];
