/** The columns of Event, of the core group and of events.k8s.io. */

import { events, eventsK8sIoEvents } from '../generated/kinds.gen.ts';
import type { Event } from '../generated/types.gen.ts';
import { asCoreEvent } from '../kinds/events/event-names.ts';
import { humanAge } from '../values/duration.ts';
import { nameOf } from './cells.ts';
import { column, definePrinted, wideColumn } from './define.ts';

const columns = [
  column('Last Seen'),
  column('Type'),
  column('Reason'),
  column('Object'),
  wideColumn('Subobject'),
  wideColumn('Source'),
  column('Message'),
  wideColumn('First Seen'),
  wideColumn('Count'),
  wideColumn('Name'),
];

export const eventColumns = definePrinted(events, columns, cells);

export const eventsV1Columns = definePrinted(eventsK8sIoEvents, columns, (event, nowMs) =>
  cells(asCoreEvent(event), nowMs),
);

function cells(event: Event, nowMs: number): unknown[] {
  const firstSeen = humanAge(event.firstTimestamp ?? event.eventTime, nowMs);
  const lastSeen = event.lastTimestamp ? humanAge(event.lastTimestamp, nowMs) : firstSeen;
  const series = event.series;
  const { kind = '', name = '', fieldPath = '' } = event.involvedObject;
  return [
    series ? humanAge(series.lastObservedTime, nowMs) : lastSeen,
    event.type ?? '',
    event.reason ?? '',
    name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase(),
    fieldPath,
    source(event),
    (event.message ?? '').trim(),
    firstSeen,
    series ? (series.count ?? 0) : event.count || 1,
    nameOf(event),
  ];
}

function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.component ? event.source.host : event.reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}
