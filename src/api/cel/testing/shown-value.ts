/** Values of expressions as the tables of upstream's answers write them: each with the name of its type. */

import { goDurationText } from '../../go/duration.ts';
import { CelType } from '../types/type.ts';
import { ListValue } from '../values/list.ts';
import { MapValue } from '../values/map.ts';
import { Optional } from '../values/optional.ts';
import { shownValue } from '../values/shown.ts';
import { Duration, Timestamp } from '../values/time.ts';
import { typeOfValue, type Value } from '../values/value.ts';

export function shownWithType(value: Value): unknown {
  if (typeof value === 'boolean') return value;
  if (value === null) return 'null';
  if (value instanceof Optional) {
    return value.value === undefined ? 'none' : ['optional', shownWithType(value.value)];
  }
  if (value instanceof ListValue) return { list: value.values().map(shownWithType) };
  if (value instanceof MapValue) {
    return { map: value.keys().map((key) => [shownWithType(key), shownWithType(value.find(key) ?? null)]) };
  }
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof CelType) return `type ${value.name}`;
  if (value instanceof Duration) return `duration ${goDurationText(Number(value.nanoseconds / 1_000_000n))}`;
  if (value instanceof Timestamp) return `timestamp ${value.utcText()}`;
  return `${typeOfValue(value).name} ${shownValue(value)}`;
}
