/** Event of events.k8s.io/v1 over the stored event of the core group: the same record under other names. */

import { withCoreNames, withEventsV1Names } from '#api/kinds/events/event-names.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { Conversion } from './conversion.ts';

export const eventsV1: Conversion = {
  fromStored(stored) {
    const { kind, apiVersion: _, ...rest } = stored;
    return { kind, apiVersion: 'events.k8s.io/v1', ...withEventsV1Names(rest) } as AnyObject;
  },
  toStored(object) {
    const { kind, apiVersion: _, ...rest } = object;
    return { kind, apiVersion: 'v1', ...withCoreNames(rest) } as AnyObject;
  },
  storedField(field) {
    if (field === 'reportingController') return 'reportingComponent';
    return field.startsWith('regarding.') ? `involvedObject.${field.slice('regarding.'.length)}` : field;
  },
};
