/** Bodies that are expensive for those who know the managers of each field. */

import { type Body, keysMax, long, many, maps } from './body.ts';

/** Each key of an object is in the set of one of its field managers too. */
const keys = (element: (key: string, i: number) => string) =>
  Array.from({ length: keysMax / 2 }, (_, i) => element(`k${i}`, i)).join(',');

const pods = '/api/v1/namespaces/default/pods';
const applied = 'application/apply-patch+yaml';

function applying(path: string, manager: string, text: string, force = false): Body {
  return ['PATCH', `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, applied, text];
}

function putting(path: string, manager: string, text: string): Body {
  return ['PUT', `${path}?fieldManager=${manager}`, 'application/json', text];
}

const mapOf = (name: string, data: string) =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":{${data}}}`;
const podWith = (name: string, container: string) =>
  `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"},"spec":{"containers":[{"name":"c","image":"i",${container}}]}}`;
const wide = (value: string) => keys((key) => `"${key}":"${value}"`);
const entries = (count: number, set: (i: number) => string, manager: (i: number) => string) =>
  many(
    count,
    (i) =>
      `{"manager":"${manager(i)}","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${set(i)}}`,
  );
/** None of them manages what is written later. */
const appliers = entries(
  10_000,
  (i) => `{"f:data":{"f:z${i % 100}":{}}}`,
  (i) => `m${i}`,
).replaceAll('Update', 'Apply');
const owned = (name: string, managers: string) =>
  putting(
    `${maps}/${name}`,
    'm',
    `{"metadata":{"name":"${name}","managedFields":[${managers}]},"data":{"k":"w"}}`,
  );
const nested = (depth: number) => `${'{"f:a":'.repeat(depth)}{}${'}'.repeat(depth)}`;
const env = (value: string) => many(12_000, (i) => `{"name":"n${i}","value":"${value}"}`);
const ports = many(12_000, (i) => `{"containerPort":${i + 1},"protocol":"TCP"}`);

/** In this order; what has no name of its own is asked for, and not measured. */
export const fieldManagersBodies: readonly (readonly [what: string, body: Body])[] = [
  ['apply of keys', applying(`${maps}/applied`, 'a', mapOf('applied', wide('v')))],
  ['apply of the same keys', applying(`${maps}/applied`, 'a', mapOf('applied', wide('v')))],
  ['apply of other values', applying(`${maps}/applied`, 'a', mapOf('applied', wide('w')))],
  ['apply that conflicts in every key', applying(`${maps}/applied`, 'b', mapOf('applied', wide('x')))],
  ['apply that takes every key', applying(`${maps}/applied`, 'b', mapOf('applied', wide('x')), true)],
  ['apply that shares every key', applying(`${maps}/applied`, 'c', mapOf('applied', wide('x')))],
  ['update of every applied key', putting(`${maps}/applied`, 'd', mapOf('applied', wide('y')))],
  ['apply that gives up every key', applying(`${maps}/applied`, 'c', mapOf('applied', '"one":"1"'), true)],
  ['', applying(`${maps}/given-up`, 'a', mapOf('given-up', wide('v')))],
  ['apply that removes every key', applying(`${maps}/given-up`, 'a', mapOf('given-up', '"one":"1"'))],
  [
    'apply of long values',
    applying(
      `${maps}/long`,
      'a',
      mapOf(
        'long',
        keys((key) => `"${key}":"${long}"`),
      ),
    ),
  ],
  [
    'apply of labels',
    applying(
      `${maps}/l`,
      'a',
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"l","labels":{${wide('v')}}}}`,
    ),
  ],
  [
    'apply of fields that are none',
    applying(`${maps}/u`, 'a', `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u"},${wide('v')}}`),
  ],
  ['apply of a pod with an environment', applying(`${pods}/env`, 'a', podWith('env', `"env":[${env('v')}]`))],
  ['apply of a pod with ports', applying(`${pods}/ports`, 'a', podWith('ports', `"ports":[${ports}]`))],
  [
    'apply of an environment in another order',
    applying(
      `${pods}/env`,
      'a',
      podWith('env', `"env":[${env('v').slice(0, -1).split('},').reverse().join('},')}}]`),
    ),
  ],
  [
    'apply of items of one name',
    applying(`${pods}/same`, 'a', podWith('same', `"env":[${many(60_000, () => '{"name":"n"}')}]`)),
  ],
  [
    'apply of finalizers',
    applying(
      `${maps}/f`,
      'a',
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"f","finalizers":[${many(15_000, (i) => `"a/${i}"`)}]}}`,
    ),
  ],
  [
    'apply of field managers',
    applying(
      `${maps}/o`,
      'a',
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"o","ownerReferences":[${many(30_000, (i) => `{"apiVersion":"v1","kind":"K","name":"n${i}","uid":"u${i}"}`)}]}}`,
    ),
  ],
  [
    'apply in YAML',
    applying(
      `${maps}/yaml`,
      'a',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n${Array.from({ length: 16_000 }, (_, i) => `  k${i}: v`).join('\n')}`,
    ),
  ],
  ['', putting(`${maps}/owned`, 'm', mapOf('owned', '"k":"v"'))],
  ['', ['POST', `${maps}?fieldManager=m`, 'application/json', mapOf('owned', '"k":"v"')]],
  [
    'update that sets field managers',
    owned(
      'owned',
      entries(
        30_000,
        () => '{"f:data":{"f:k":{}}}',
        (i) => `m${i}`,
      ),
    ),
  ],
  [
    'update that sets field managers of other fields',
    owned(
      'owned',
      entries(
        30_000,
        (i) => `{"f:data":{"f:k${i}":{}}}`,
        (i) => `m${i}`,
      ),
    ),
  ],
  [
    'update that sets one field manager often',
    owned(
      'owned',
      entries(
        30_000,
        () => '{"f:data":{"f:k":{}}}',
        () => 'm',
      ),
    ),
  ],
  [
    'update that sets a field manager of many fields',
    owned(
      'owned',
      entries(
        1,
        () => `{"f:data":{${keys((key) => `"f:${key}":{}`)}}}`,
        () => 'm',
      ),
    ),
  ],
  [
    'update that sets a field manager of many items',
    owned(
      'owned',
      entries(
        1,
        () => `{"f:data":{${keys((key) => `"k:{\\"name\\":\\"${key}\\",\\"x\\":1}":{}`)}}}`,
        () => 'm',
      ),
    ),
  ],
  [
    'update that sets a field manager of many values',
    owned(
      'owned',
      entries(
        1,
        () => `{"f:data":{${keys((_, i) => `"v:${i}":{}`)}}}`,
        () => 'm',
      ),
    ),
  ],
  [
    'update that sets deep field managers',
    owned(
      'owned',
      entries(
        300,
        () => nested(700),
        (i) => `m${i}`,
      ),
    ),
  ],
  [
    'update that sets what is no field manager',
    owned(
      'owned',
      many(30_000, () => '{"operation":"Apply"}'),
    ),
  ],
  [
    'update that sets field managers who apply',
    owned(
      'owned',
      entries(
        30_000,
        () => '{"f:data":{"f:k":{}}}',
        (i) => `m${i}`,
      ).replaceAll('Update', 'Apply'),
    ),
  ],
  ['apply to an object of such field managers', applying(`${maps}/owned`, 'a', mapOf('owned', '"k":"z"'))],
  [
    'apply that takes from such field managers',
    applying(`${maps}/owned`, 'a', mapOf('owned', '"k":"z"'), true),
  ],
  [
    'merge patch that sets field managers',
    [
      'PATCH',
      `${maps}/owned`,
      'application/merge-patch+json',
      `{"metadata":{"managedFields":[${entries(
        30_000,
        (i) => `{"f:data":{"f:k${i}":{}}}`,
        (i) => `m${i}`,
      )}]}}`,
    ],
  ],
  [
    'creation with field managers',
    [
      'POST',
      maps,
      'application/json',
      `{"metadata":{"name":"born","managedFields":[${entries(
        30_000,
        (i) => `{"f:data":{"f:k${i}":{}}}`,
        (i) => `m${i}`,
      )}]}}`,
    ],
  ],
  [
    '',
    putting(
      `${maps}/owned`,
      'm',
      `{"metadata":{"name":"owned","managedFields":[${appliers}]},"data":{${wide('1')}}}`,
    ),
  ],
  [
    'update of every key of an object with many field managers',
    putting(`${maps}/owned`, 'm', mapOf('owned', wide('2'))),
  ],
  [
    'apply of every key of an object with many field managers',
    applying(`${maps}/owned`, 'a', mapOf('owned', wide('3')), true),
  ],
];
