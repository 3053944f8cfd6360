/**
 * A request's way, in order. A stage answers, throws a StatusError, or lets the request pass on.
 *
 * What follows `dispatch` for a write is listed in `apiserver/storage/write/chain/write-chain.ts`.
 */

import { internalError, StatusError, timeout } from '#api/meta/status.ts';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse, StreamBody } from '#client/transport/transport.ts';
import { textResponse } from '../codec/encode/json-response.ts';
import { statusResponse } from '../codec/encode/status-response.ts';
import type { RequestInfo } from '../contract/contract.ts';
import { NoSuchPage, PlainRefusal } from '../contract/plain-refusal.ts';
import type { Deadline } from '../flowcontrol/deadlines.ts';
import { isLongRunning } from '../flowcontrol/long-running.ts';
import type { Exchange } from '../request/exchange.ts';
import type { RequestLabels } from '../request/metrics.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { dispatch } from './dispatch.ts';
import { impersonate } from './impersonate.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { readDeadline } from './read-deadline.ts';
import { readLargeYaml } from './read-large-yaml.ts';
import { receiveBody } from './receive-body.ts';
import { refuseMisreadUrl } from './refuse-misread-url.ts';
import { refuseOutsideRoot } from './refuse-outside-root.ts';

type Stage = (exchange: Exchange) => undefined | ApiResponse | Promise<undefined> | Promise<ApiResponse>;

/** Whose requests pass a stage: callers on the network, callers inside this process (authenticated already), and connections to take over. */
type Way = 'outside' | 'inside' | 'upgrade';
const every: readonly Way[] = ['outside', 'inside', 'upgrade'];

/** The URL is read before: the exchange begins with its RequestInfo. After the last stage an upgrade goes to its special handler. */
const chain: readonly (readonly [stage: Stage, ways: readonly Way[]])[] = [
  [refuseMisreadUrl, every],
  [readDeadline, ['outside']],
  [authenticate, ['outside', 'upgrade']],
  [limitInFlight, ['outside', 'upgrade']],
  [impersonate, every],
  [authorize, every],
  [refuseOutsideRoot, every],
  [receiveBody, ['outside']],
  [readLargeYaml, ['outside', 'inside']],
  [dispatch, ['outside', 'inside']],
];

function stagesOf(way: Way): readonly Stage[] {
  return chain.filter(([, ways]) => ways.includes(way)).map(([stage]) => stage);
}

const stages: Readonly<Record<Way, readonly Stage[]>> = {
  outside: stagesOf('outside'),
  inside: stagesOf('inside'),
  upgrade: stagesOf('upgrade'),
};

export async function answer(exchange: Exchange): Promise<ApiResponse> {
  const work = attempt(exchange);
  const response = work instanceof Promise ? await work : work;
  return finish(exchange, record(exchange, response));
}

/** Never rejects. */
function attempt(exchange: Exchange): ApiResponse | Promise<ApiResponse> {
  exchange.core.activity.begin();
  try {
    const running = run(exchange.trusted ? stages.inside : stages.outside, exchange);
    return running instanceof Promise ? beforeDeadline(exchange, running) : done(exchange, running);
  } catch (error) {
    return done(exchange, refusal(exchange, error));
  }
}

/** The request counts as being worked on until its work is over, also when its caller waits no longer. */
function done(exchange: Exchange, response: ApiResponse): ApiResponse {
  exchange.core.activity.end();
  for (const cleanup of exchange.cleanups) cleanup();
  return response;
}

function beforeDeadline(exchange: Exchange, running: Promise<ApiResponse>): Promise<ApiResponse> {
  const { deadlines } = exchange.core;
  return new Promise((resolve) => {
    const deadline = beginDeadline(exchange, resolve);
    const over = (response: ApiResponse) => {
      if (deadline) deadlines.answered(deadline);
      resolve(done(exchange, response));
      if (deadline?.isOver && isStream(response.body)) response.body.cancel?.();
    };
    running.then(over, (error) => over(refusal(exchange, error)));
  });
}

/** Callers inside this process, and long-running requests, have none. */
function beginDeadline(exchange: Exchange, resolve: (response: ApiResponse) => void): Deadline | undefined {
  const { core, timeoutMs, startedMs } = exchange;
  if (timeoutMs === undefined) return undefined;
  return core.deadlines.begin(startedMs + timeoutMs, () =>
    resolve(refusal(exchange, timeout('request did not complete within the allotted timeout'))),
  );
}

/** Throws a StatusError when the caller may not have the connection. */
export async function guard(exchange: Exchange): Promise<void> {
  for (const stage of stages.upgrade) await stage(exchange);
}

/** Without a promise as long as no stage needs one. */
function run(stages: readonly Stage[], exchange: Exchange, from = 0): ApiResponse | Promise<ApiResponse> {
  for (let i = from; i < stages.length; i++) {
    const result = stages[i]!(exchange);
    if (result instanceof Promise) return result.then((given) => given ?? run(stages, exchange, i + 1));
    if (result) return result;
  }
  throw new NoSuchPage();
}

export function refusal(exchange: Exchange, error: unknown): ApiResponse {
  if (error instanceof PlainRefusal) return textResponse(error.code, error.message);
  return statusResponse(exchange, statusOf(exchange, error));
}

function statusOf(exchange: Exchange, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  exchange.core.env.log.error('a request failed unexpectedly', { path: exchange.request.path, error: text });
  return internalError(error instanceof Error ? error.message : String(error));
}

function finish(exchange: Exchange, response: ApiResponse): ApiResponse {
  const headers: Record<string, string> = {
    ...response.headers,
    'audit-id': exchange.auditId,
    'cache-control': response.headers['cache-control'] ?? 'no-cache, private',
  };
  const warnings = exchange.warnings.list();
  if (warnings.length > 0) headers['warning'] = warnings.map(warningHeader).join(', ');
  return { ...response, headers };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controlSigns = /[\u0000-\u001f\u007f]/g;

/** Headers are sent as Latin-1: the bytes of UTF-8 pass through it unharmed. Control signs would end the header. */
function warningHeader(text: string): string {
  const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `299 - "${Buffer.from(quoted).toString('latin1').replace(controlSigns, ' ')}"`;
}

function record(exchange: Exchange, response: ApiResponse): ApiResponse {
  const { info, core } = exchange;
  const labels = labelsOf(info);
  const answered = () =>
    core.metrics.answered(
      labels,
      response.status,
      (core.env.clock.monotonicMs() - exchange.startedMs) / 1000,
    );
  if ('start' in response.body) {
    const open = isLongRunning(info)
      ? () => core.metrics.longRunning(labels, response.status)
      : () => answered;
    return { ...response, body: counted(response.body, open) };
  }
  answered();
  return response;
}

function labelsOf(info: RequestInfo): RequestLabels {
  const scope = !info.isResource ? '' : info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster';
  const { group, version, resource, subresource } = info;
  return { verb: info.verb.toUpperCase(), group, version, resource, subresource, scope };
}

/** The stream, counted as open from its start to its end. */
function counted(body: StreamBody, open: () => () => void): StreamBody {
  return {
    start(sink) {
      let close: (() => void) | undefined = open();
      const over = () => {
        close?.();
        close = undefined;
      };
      sink.onClose(over);
      const end = () => {
        over();
        sink.end();
      };
      const fail = (error: Error) => {
        over();
        sink.fail(error);
      };
      const { write, onDrain, onClose } = sink;
      body.start({ write, onDrain, onClose, end, fail });
    },
    cancel: () => body.cancel?.(),
    isPrompt: body.isPrompt === true,
  };
}
