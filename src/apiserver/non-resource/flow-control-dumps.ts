/** `/debug/api_priority_and_fairness/dump_…`: priority levels, queues and requests as tables, in upstream's form. */

import { goDurationText } from '#api/go/duration.ts';
import { ownValue } from '#base/own-value.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { textResponse } from '../codec/encode/json-response.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { PriorityLevel } from '../flowcontrol/levels/priority-level.ts';
import type { QueuedRequest } from '../flowcontrol/queues/queued-request.ts';
import { workText } from '../flowcontrol/queues/work.ts';
import type { Exchange } from '../request/exchange.ts';

const folder = '/debug/api_priority_and_fairness/';

export function isFlowControlDump(path: string): boolean {
  return path.startsWith(folder);
}

type Row = readonly (string | number | boolean)[];
type Dump = (levels: readonly PriorityLevel[], exchange: Exchange) => readonly Row[];

const dumps: Readonly<Record<string, Dump>> = {
  dump_priority_levels: dumpLevels,
  dump_queues: dumpQueues,
  dump_requests: dumpRequests,
};

export function answerFlowControlDump({ configuration }: FlowControl, exchange: Exchange): ApiResponse {
  const dump = ownValue(dumps, exchange.info.path.slice(folder.length));
  if (!dump) throw new NoSuchPage();
  const levels = [...configuration.levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return textResponse(200, table(dump(levels, exchange)));
}

function dumpLevels(levels: readonly PriorityLevel[]): Row[] {
  const header =
    'PriorityLevelName ActiveQueues IsIdle IsQuiescing WaitingRequests ExecutingRequests DispatchedRequests RejectedRequests TimedoutRequests CancelledRequests';
  const rows = levels.map(({ name, isIdle, isQuiescing, queues }) => [
    name,
    queues.waitingQueues,
    isIdle,
    isQuiescing,
    queues.requestsWaiting,
    queues.requestsExecuting,
    queues.dispatchedTotal,
    queues.rejectedTotal,
    queues.timedOutTotal,
    queues.cancelledTotal,
  ]);
  return [header.split(' '), ...rows];
}

function dumpQueues(levels: readonly PriorityLevel[]): Row[] {
  const header =
    'PriorityLevelName Index PendingRequests ExecutingRequests SeatsInUse NextDispatchR InitialSeatsSum MaxSeatsSum TotalWorkSum';
  const rows = levels.flatMap(({ name, queues }) =>
    [...queues.queues()].map((queue) => [
      name,
      queue.index,
      queue.waiting.size,
      queue.executing.size,
      queue.seatsInUse,
      workText(queue.nextDispatchR),
      queue.initialSeatsSum,
      queue.maxSeatsSum,
      workText(queue.totalWorkSum),
    ]),
  );
  return [header.split(' '), ...rows];
}

function dumpRequests(levels: readonly PriorityLevel[], { info, parts }: Exchange): Row[] {
  const isDetailed = (info.query.get('includeRequestDetails') ?? '') !== '';
  const { clock } = parts.env;
  const startedMs = clock.now() - clock.monotonicMs();
  const header =
    'PriorityLevelName FlowSchemaName QueueIndex RequestIndexInQueue FlowDistingsher ArriveTime InitialSeats FinalSeats AdditionalLatency StartTime';
  const details = isDetailed ? ' UserName Verb APIPath Namespace Name APIVersion Resource SubResource' : '';
  const rows = levels.flatMap(({ name, queues }) => {
    const row = (request: QueuedRequest, queue: number, place: number) => [
      name,
      ...requestCells(request, queue, place, startedMs),
      ...(isDetailed ? detailCells(request) : []),
    ];
    return [
      ...[...queues.queues()].flatMap(({ index, waiting, executing }) => [
        ...[...waiting].map((request, place) => row(request, index, place)),
        ...[...executing].map((request) => row(request, index, -1)),
      ]),
      ...[...queues.queueless].map((request) => row(request, -1, -1)),
    ];
  });
  return [(header + details).split(' '), ...rows];
}

function requestCells(request: QueuedRequest, queue: number, place: number, startedMs: number): Row {
  const { series, distinguisher, work, arrivalMs, startMs } = request;
  return [
    series.schema,
    queue,
    place,
    distinguisher,
    timeText(startedMs + arrivalMs),
    work.initialSeats,
    work.finalSeats,
    goDurationText(work.additionalLatencyMs),
    request.state === 'waiting' ? '0001-01-01T00:00:00Z' : timeText(startedMs + startMs),
  ];
}

/** RFC 3339 without zeros at the end. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}

function detailCells({ detail: { user, info } }: QueuedRequest): Row {
  const version = info.group === '' ? info.version : `${info.group}/${info.version}`;
  return [
    user.name,
    info.verb,
    info.path,
    info.namespace,
    info.name,
    version,
    info.resource,
    info.subresource,
  ];
}

/** Go's tabwriter with cells of at least eight, and a comma behind each but the last. */
function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => row.map((cell, i) => (i < row.length - 1 ? `${cell},` : String(cell))));
  const widths = cells[0]!.map((_, i) => Math.max(8, ...cells.map((row) => row[i]!.length + 1)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]!) : cell)).join('');
  return cells.map((row) => `${line(row)}\n`).join('');
}
