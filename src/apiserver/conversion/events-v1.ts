/** Event of events.k8s.io/v1 over the stored event of the core group: the same record under other names. */

import type { AnyObject } from '#api/object.ts';
import type { Conversion } from './conversions.ts';

/** Name in events.k8s.io, name in core. */
const renamed: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

export const eventsV1: Conversion = {
  fromStored(stored) {
    const { kind, metadata, ...rest } = stored;
    return { kind, apiVersion: 'events.k8s.io/v1', metadata, ...rename(rest, 1) } as AnyObject;
  },
  toStored(object) {
    const { kind, metadata, ...rest } = object;
    return { kind, apiVersion: 'v1', metadata, ...rename(rest, 0) } as AnyObject;
  },
  storedField(field) {
    if (field === 'reportingController') return 'reportingComponent';
    return field.startsWith('regarding.') ? `involvedObject.${field.slice('regarding.'.length)}` : field;
  },
};

/** `from` says which of each pair is the name to replace. */
function rename(fields: Record<string, unknown>, from: 0 | 1): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'apiVersion') continue;
    const pair = renamed.find((one) => one[from] === name);
    result[pair ? pair[from === 1 ? 0 : 1] : name] = value;
  }
  return result;
}
