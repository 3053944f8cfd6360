/** Definitions of custom resources that are expensive, and expensive objects of them. */

import { type Body, keysMax, long, many } from './body.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const properties = (count: number, propertyAt: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `"p${i}":${propertyAt(i)}`).join(',');
const schemaOf = (spec: string) => `{"type":"object","properties":{"spec":{"type":"object",${spec}}}}`;
const versionOf = (schema: string, more = '', name = 'v1', storage = true) =>
  `{"name":"${name}","served":true,"storage":${storage},"schema":{"openAPIV3Schema":${schema}}${more}}`;
const named = (plural: string, versions: string, more = '') =>
  `{"metadata":{"name":"${plural}.x.example"},"spec":{"group":"x.example","scope":"Namespaced","names":{"plural":"${plural}","kind":"K${plural}"},"versions":[${versions}]${more}}}`;
const defining = (plural: string, versions: string, more = ''): Body => [
  'POST',
  definitions,
  'application/json',
  named(plural, versions, more),
];
const one = (plural: string, spec: string): Body => defining(plural, versionOf(schemaOf(spec)));
const object = (plural: string, spec: string, more = ''): Body => [
  'POST',
  `/apis/x.example/v1/namespaces/default/${plural}`,
  'application/json',
  `{"apiVersion":"x.example/v1","kind":"K${plural}","metadata":{"name":"o"${more}},"spec":${spec}}`,
];
const applying = (plural: string, spec: string, manager = 'a'): Body => [
  'PATCH',
  `/apis/x.example/v1/namespaces/default/${plural}/applied?fieldManager=${manager}&force=true`,
  'application/apply-patch+yaml',
  `{"apiVersion":"x.example/v1","kind":"K${plural}","metadata":{"name":"applied"},"spec":${spec}}`,
];
const text = '{"type":"string"}';
const rule = (rule: string) => `{"rule":"${rule}"}`;
const nest = (depth: number, inner: string) =>
  '{"type":"object","properties":{"a":'.repeat(depth) + inner + '}}'.repeat(depth);
const k = (count: number, propertyAt: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `"k${i}":${propertyAt(i)}`).join(',');

export const definitionsBodies: readonly (readonly [what: string, body: Body])[] = [
  ['definition with properties', one('aa', `"properties":{${properties(9000, () => text)}}`)],
  ['object of many properties', object('aa', `{${properties(9000, () => '"v"')}}`)],
  ['apply of an object of many properties', applying('aa', `{${properties(9000, () => '"v"')}}`)],
  [
    'definition with all properties of a body',
    one('ab', `"properties":{${properties(keysMax - 50, () => text)}}`),
  ],
  [
    'definition with long descriptions',
    one(
      'ac',
      `"properties":{${properties(9000, () => `{"type":"string","description":"${long.repeat(4)}"}`)}}`,
    ),
  ],
  ['deep definition', one('ad', `"properties":{"a":${nest(300, text)}}`)],
  [
    'definition with objects in objects',
    one(
      'ae',
      `"properties":{${properties(4000, () => `{"type":"object","properties":{"a":${text},"b":${text}}}`)}}`,
    ),
  ],
  [
    'definition with as many properties as it may have',
    one('bd', `"properties":{${properties(19_900, () => text)}}`),
  ],
  ['object of so many properties', object('bd', `{${properties(19_900, () => '"v"')}}`)],
  [
    'definition with lists',
    one('be', `"properties":{${properties(9900, () => `{"type":"array","items":${text}}`)}}`),
  ],
  [
    'definition with alternatives of properties',
    one(
      'bf',
      `"properties":{${properties(6600, (i) => `{"type":"string","anyOf":[{"minLength":${i % 9}},{"maxLength":5}]}`)}}`,
    ),
  ],
  [
    'definition with rules',
    one(
      'af',
      `"properties":{${properties(1000, () => `{"type":"string","maxLength":10,"x-kubernetes-validations":[${rule("self == 'a'")}]}`)}}`,
    ),
  ],
  [
    'definition with many rules of one place',
    one(
      'ag',
      `"maxProperties":5,"x-kubernetes-validations":[${many(3000, (i) => rule(`has(self.a) || ${i} < 5`))}],"properties":{"a":${text}}`,
    ),
  ],
  [
    'definition with different rules',
    one(
      'ah',
      `"properties":{${properties(1000, (i) => `{"type":"string","maxLength":10,"x-kubernetes-validations":[${rule(`self != '${i}'`)}]}`)}}`,
    ),
  ],
  [
    'definition with a long rule',
    one(
      'ai',
      `"properties":{"a":{"type":"string","maxLength":10,"x-kubernetes-validations":[${rule(Array.from({ length: 20_000 }, (_, i) => `self != '${i}'`).join(' && '))}]}}`,
    ),
  ],
  [
    'definition with a deep rule',
    one(
      'aj',
      `"properties":{"a":{"type":"string","maxLength":10,"x-kubernetes-validations":[${rule(`${'('.repeat(20_000)}true${')'.repeat(20_000)}`)}]}}`,
    ),
  ],
  [
    'definition with a rule of a large list',
    one(
      'ak',
      `"properties":{"a":{"type":"string","maxLength":10,"x-kubernetes-validations":[${rule(`self in [${many(60_000, (i) => `'${i}'`)}]`)}]}}`,
    ),
  ],
  [
    'definition with an enumeration',
    one('al', `"properties":{"a":{"type":"string","enum":[${many(200_000, (i) => `"e${i}"`)}]}}`),
  ],
  [
    'definition with an enumeration twice',
    one('am', `"properties":{"a":{"type":"string","enum":[${many(200_000, () => '"e"')}]}}`),
  ],
  [
    'definition with an enumeration of objects',
    one('an', `"properties":{"a":{"type":"object","enum":[${many(60_000, (i) => `{"a":${i}}`)}]}}`),
  ],
  [
    'definition with patterns',
    one(
      'ao',
      `"properties":{${properties(9000, (i) => `{"type":"string","pattern":"^a${i}[a-z]{1,50}(x|y)*$"}`)}}`,
    ),
  ],
  [
    'definition with a long pattern',
    one('ap', `"properties":{"a":{"type":"string","pattern":"${'(a|b)?'.repeat(100_000)}"}}`),
  ],
  [
    'definition with counted patterns',
    one(
      'aq',
      `"properties":{${properties(2000, (i) => `{"type":"string","pattern":"^(${i}|(a{1,100}){1,9})$"}`)}}`,
    ),
  ],
  [
    'definition with required names',
    one('ar', `"required":[${many(19_900, (i) => `"r${i}"`)}],"properties":{"a":${text}}`),
  ],
  [
    'definition with defaults',
    one('as', `"properties":{${properties(4900, () => '{"type":"string","default":"d"}')}}`),
  ],
  ['object that is given defaults', object('as', '{}')],
  [
    'definition with a large default',
    one(
      'at',
      `"properties":{"a":{"type":"object","additionalProperties":${text},"default":{${k(20_000, () => '"v"')}}}}`,
    ),
  ],
  ['object that is given a large default', object('at', '{}')],
  [
    'definition with versions',
    defining(
      'au',
      many(190, (i) => versionOf(schemaOf(`"properties":{"a":${text}}`), '', `v${i + 1}`, i === 0)),
    ),
  ],
  [
    'definition with columns',
    defining(
      'av',
      versionOf(
        schemaOf(`"properties":{"a":${text}}`),
        `,"additionalPrinterColumns":[${many(20_000, (i) => `{"name":"c${i}","type":"string","jsonPath":".spec.a"}`)}]`,
      ),
    ),
  ],
  [
    'definition with selectable fields',
    defining(
      'aw',
      versionOf(
        schemaOf(`"properties":{"a":${text}}`),
        `,"selectableFields":[${many(20_000, (i) => `{"jsonPath":".spec.a${i}"}`)}]`,
      ),
    ),
  ],
  [
    'definition with alternatives',
    one('ax', `"properties":{"a":{"type":"string","anyOf":[${many(50_000, (i) => `{"pattern":"a${i}"}`)}]}}`),
  ],
  [
    'definition with items',
    one(
      'ay',
      `"properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":[${many(20_000, (i) => `"k${i}"`)}],"items":{"type":"object","properties":{"k0":${text}}}}}`,
    ),
  ],
  [
    'definition with short names',
    [
      'POST',
      definitions,
      'application/json',
      named('az', versionOf(schemaOf(`"properties":{"a":${text}}`))).replace(
        '"kind"',
        `"shortNames":[${many(990, (i) => `"s${i}"`)}],"kind"`,
      ),
    ],
  ],
  [
    'definition with unknown fields',
    one('ba', `"properties":{${properties(9000, () => '{"type":"string","zz":1}')}}`),
  ],
  ['definition that is no structure', one('bb', `"properties":{${properties(30_000, () => '{}')}}`)],
  [
    'definition with rules too expensive',
    one(
      'bc',
      `"properties":{${properties(1000, () => `{"type":"array","items":${text},"x-kubernetes-validations":[${rule('self.all(x, self.all(y, x == y))')}]}`)}}`,
    ),
  ],
  [
    '',
    one(
      'ca',
      `"properties":{"a":{"type":"array","items":{"type":"integer"},"maxItems":100000,"x-kubernetes-validations":[${rule('self.all(x, x >= 0)')}]}}`,
    ),
  ],
  ['object with a rule over a list', object('ca', `{"a":[${many(100_000, (i) => String(i))}]}`)],
  [
    '',
    one(
      'cb',
      `"properties":{"a":{"type":"array","maxItems":200000,"x-kubernetes-list-type":"set","items":{"type":"string","maxLength":20}}}`,
    ),
  ],
  ['object with a set', object('cb', `{"a":[${many(200_000, (i) => `"${i}"`)}]}`)],
  ['apply of an object with a set', applying('cb', `{"a":[${many(15_000, (i) => `"${i}"`)}]}`)],
  [
    'apply of an object with another set',
    applying('cb', `{"a":[${many(15_000, (i) => `"${15_000 - i}"`)}]}`),
  ],
  [
    '',
    one(
      'cc',
      `"properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],"properties":{"k":${text},"d":{"type":"string","default":"e"}}}}}`,
    ),
  ],
  ['object with a list by keys', object('cc', `{"a":[${many(100_000, (i) => `{"k":"${i}"}`)}]}`)],
  ['', one('cd', '"properties":{"a":{"type":"array","items":{"type":"string","format":"date-time"}}}')],
  ['object of wrong formats', object('cd', `{"a":[${many(200_000, () => '"x"')}]}`)],
  ['', one('ce', '"properties":{"a":{"type":"array","items":{"type":"string","pattern":"^(a+)+$"}}}')],
  ['object against a pattern', object('ce', `{"a":["${'a'.repeat(1_000_000)}b"]}`)],
  ['object of short texts against a pattern', object('ce', `{"a":[${many(100_000, () => '"aaaaaaaaab"')}]}`)],
  [
    '',
    one(
      'cf',
      `"properties":{"a":{"type":"array","items":{"anyOf":[${many(1000, (i) => `{"enum":["${i}"]}`)}],"type":"string"}}}`,
    ),
  ],
  ['object against alternatives', object('cf', `{"a":[${many(200_000, () => '"x"')}]}`)],
  ['', one('cg', '"x-kubernetes-preserve-unknown-fields":true')],
  ['object of unknown fields that are kept', object('cg', `{${k(30_000, () => '"v"')}}`)],
  ['object of unknown fields that are dropped', object('cd', `{${k(30_000, () => '"v"')}}`)],
  ['apply of unknown fields that are kept', applying('cg', `{${k(15_000, () => '"v"')}}`)],
  ['apply of unknown fields by another', applying('cg', `{${k(15_000, () => '"w"')}}`, 'b')],
  [
    '',
    one(
      'ch',
      '"properties":{"a":{"type":"array","items":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}',
    ),
  ],
  [
    'object of embedded objects',
    object('ch', `{"a":[${many(60_000, () => '{"apiVersion":"v1","kind":"K","metadata":{}}')}]}`),
  ],
];
