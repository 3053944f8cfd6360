/**
 * A pod template as Go prints a struct with all its types: the text that upstream hashes to name ReplicaSets
 * and revisions of DaemonSets. Fields and their order come from `pod-template-layout.gen.json`.
 */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';
import file from './pod-template-layout.gen.json' with { type: 'json' };
import { dumpQuantity } from './quantity-dump.ts';

type Field = readonly [goName: string, jsonName: string, goType: string];

const layout = file as unknown as Readonly<Record<string, readonly Field[] | string>>;
const zeroTime = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';
const nothing = '<nil>';

export function dumpTemplate(template: PodTemplateSpec): string {
  return `(v1.PodTemplateSpec)${dump('v1.PodTemplateSpec', template)}`;
}

/**
 * Without the type in front, as in lists and maps. Empty values are nil, as after decoding protobuf.
 */
function dump(type: string, value: unknown): string {
  if (type.startsWith('*')) {
    return value === undefined || value === null ? nothing : dump(type.slice(1), value);
  }
  if (type.startsWith('[]')) return dumpList(type.slice(2), (value ?? []) as unknown[]);
  if (type.startsWith('map[')) return dumpMap(type.slice(type.indexOf(']') + 1), value ?? {});
  if (type === 'resource.Quantity') return dumpQuantity((value as string | undefined) ?? '0');
  if (type === 'intstr.IntOrString') return dumpIntOrString((value as string | number | undefined) ?? 0);
  if (type === 'v1.Time') return zeroTime;
  if (type === 'bool') return String(value ?? false);
  if (/^u?int(32|64)?$/.test(type)) return String(value ?? 0);
  const known = layout[type];
  if (Array.isArray(known)) return dumpStruct(known, (value ?? {}) as Record<string, unknown>);
  return typeof known === 'string' && known !== 'string' ? dump(known, value) : ((value as string) ?? '');
}

function dumpStruct(fields: readonly Field[], value: Record<string, unknown>): string {
  const texts = fields.map(([goName, jsonName, type]) => {
    // Fields of an inlined struct belong to this struct in JSON.
    const field = jsonName === '' ? value : value[jsonName];
    return `${goName}:(${type})${dump(type, field)}`;
  });
  return `{${texts.join(' ')}}`;
}

function dumpList(type: string, items: readonly unknown[]): string {
  return items.length === 0 ? nothing : `[${items.map((item) => dump(type, item)).join(' ')}]`;
}

function dumpMap(type: string, value: object): string {
  const keys = Object.keys(value).sort();
  if (keys.length === 0) return nothing;
  const entries = keys.map((key) => `${key}:${dump(type, (value as Record<string, unknown>)[key])}`);
  return `map[${entries.join(' ')}]`;
}

function dumpIntOrString(value: string | number): string {
  const isText = typeof value === 'string';
  const [type, number, text] = isText ? [1, 0, value] : [0, value, ''];
  return `{Type:(intstr.Type)${type} IntVal:(int32)${number} StrVal:(string)${text}}`;
}
