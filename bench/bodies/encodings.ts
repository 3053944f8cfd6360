/** Bodies in YAML and protobuf that are expensive to read. */

import { type Body, keysMax, long, maps } from './body.ts';

const yaml = (name: string, text: string): Body => [
  'POST',
  maps,
  'application/yaml',
  `metadata:\n  name: ${name}\n${text}`,
];
const lines = (count: number, lineAt: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => lineAt(i)).join('\n');

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** A field with a length. */
function field(number: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function fields(count: number, fieldAt: (i: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => fieldAt(i)));
}

function protobuf(resource: string, kind: string, name: string, message: Uint8Array): Body {
  const type = Buffer.concat([field(1, 'v1'), field(2, kind)]);
  const raw = Buffer.concat([field(1, field(1, name)), message]);
  const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw)]);
  return ['POST', `/api/v1/namespaces/default/${resource}`, 'application/vnd.kubernetes.protobuf', body];
}

const env = (i: number) => field(7, Buffer.concat([field(1, `n${i}`), field(2, 'v')]));

export const encodingsBodies: readonly (readonly [what: string, body: Body])[] = [
  ['YAML of anchors', yaml('ya', `data:\n${lines(20_000, (i) => `  k${i}: &a${i} v${i}`)}`)],
  ['YAML of aliases of a text', yaml('yb', `data:\n  a: &a ${long}\n${lines(20_000, (i) => `  k${i}: *a`)}`)],
  [
    'YAML of merged maps',
    yaml(
      'yc',
      `x: &a {${lines(50, (i) => `k${i}: v,`)}}\ny:\n${lines(2000, (i) => `  - {<<: *a, z: ${i}}`)}`,
    ),
  ],
  ['YAML of numbers', yaml('yd', `x: [${lines(120_000, (i) => `${i},`)}]`)],
  [
    'YAML of long texts',
    yaml('ye', `data:\n${lines(10_000, (i) => `  k${i}: |\n    line ${i}\n    ${long}`)}`),
  ],
  [
    'protobuf of keys',
    protobuf(
      'configmaps',
      'ConfigMap',
      'pa',
      fields(keysMax, (i) => field(2, Buffer.concat([field(1, `k${i}`), field(2, 'v')]))),
    ),
  ],
  [
    'protobuf of unknown fields',
    protobuf('configmaps', 'ConfigMap', 'pb', Buffer.alloc(2_800_000, Buffer.from([0x78, 1]))),
  ],
  [
    'protobuf of one field',
    protobuf(
      'configmaps',
      'ConfigMap',
      'pc',
      fields(130_000, () => Buffer.from([0x20, 1])),
    ),
  ],
  [
    'protobuf of metadata',
    protobuf(
      'configmaps',
      'ConfigMap',
      'pd',
      fields(24_000, (i) => field(1, field(1, `n${i}`))),
    ),
  ],
  [
    'protobuf of empty containers',
    protobuf(
      'pods',
      'Pod',
      'pe',
      field(
        2,
        fields(49_000, () => field(2, '')),
      ),
    ),
  ],
  [
    'protobuf of an environment',
    protobuf(
      'pods',
      'Pod',
      'pf',
      field(2, field(2, Buffer.concat([field(1, 'c'), field(2, 'i'), fields(43_000, env)]))),
    ),
  ],
];
