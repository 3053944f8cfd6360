/** The columns of Event, of the core group and of events.k8s.io. */

import type { Event } from '../../generated/types.gen.ts';
import { nameOf } from '../../kind/cells.ts';
import { column, type PrintTime, wideColumn } from '../../kind/printer.ts';
import { humanAge } from '../../values/duration.ts';

export const eventColumns = [
  column('Last Seen'),
  column('Type'),
  column('Reason'),
  column('Object'),
  wideColumn('Subobject'),
  wideColumn('Source'),
  column('Message'),
  wideColumn('First Seen'),
  wideColumn('Count'),
  column('Name', 'string', 1, 'name'),
];

export function eventCells(event: Event, now: PrintTime): unknown[] {
  const firstSeen = humanAge(event.firstTimestamp ?? event.eventTime, now);
  const lastSeen = event.lastTimestamp ? humanAge(event.lastTimestamp, now) : firstSeen;
  const series = event.series;
  const { kind = '', name = '', fieldPath = '' } = event.involvedObject;
  return [
    series ? humanAge(series.lastObservedTime, now) : lastSeen,
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

export function source(event: Event): string {
  const component = event.source?.component || event.reportingComponent || '';
  const instance = event.source?.component ? event.source.host : event.reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}
