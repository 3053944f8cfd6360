/** Event of events.k8s.io: the same record as the core one, under newer names. */

import type { Strategy } from '../strategy.ts';
import type { EventsV1Event } from '../types.gen.ts';

export const eventsV1Event: Strategy<EventsV1Event> = {
  allowCreateOnUpdate: true,
  selectableFields(event) {
    const regarding = event.regarding ?? {};
    return {
      'regarding.kind': regarding.kind ?? '',
      'regarding.namespace': regarding.namespace ?? '',
      'regarding.name': regarding.name ?? '',
      'regarding.uid': regarding.uid ?? '',
      'regarding.apiVersion': regarding.apiVersion ?? '',
      'regarding.resourceVersion': regarding.resourceVersion ?? '',
      'regarding.fieldPath': regarding.fieldPath ?? '',
      reason: event.reason ?? '',
      reportingController: event.reportingController ?? '',
      type: event.type ?? '',
    };
  },
};
