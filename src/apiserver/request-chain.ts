/**
 * A request's way, in order. A stage answers, throws a StatusError, or lets the request pass on.
 *
 * What follows `dispatch` for a write is listed in `write-chain.ts`.
 */

import { internalError, StatusError } from '#api/status.ts';
import type { ApiResponse, StreamBody } from '#client/transport.ts';
import type { RequestInfo } from './contract.ts';
import { readLargeYaml } from './decode/large-yaml.ts';
import { NoSuchPage, PlainRefusal } from './encode/plain-refusal.ts';
import { statusResponse } from './encode/status-response.ts';
import type { Exchange } from './exchange.ts';
import { isLongRunning } from './long-running.ts';
import type { RequestLabels } from './metrics.ts';
import { authenticate } from './stages/authenticate.ts';
import { authorize } from './stages/authorize.ts';
import { dispatch } from './stages/dispatch.ts';
import { impersonate } from './stages/impersonate.ts';
import { limitInFlight } from './stages/limit-in-flight.ts';

type Stage = (exchange: Exchange) => undefined | ApiResponse | Promise<undefined> | Promise<ApiResponse>;

/** The URL is read before: the exchange begins with its RequestInfo. */
const fromOutside: readonly Stage[] = [
  refuseUnreadable,
  authenticate,
  limitInFlight,
  impersonate,
  authorize,
  refuseOutsideRoot,
  readLargeYaml,
  dispatch,
];
/** A caller inside this process proved who it is when it got its transport. */
const fromInside: readonly Stage[] = [
  refuseUnreadable,
  impersonate,
  authorize,
  refuseOutsideRoot,
  readLargeYaml,
  dispatch,
];
/** For connections that are taken over: everything but the answer. */
const gatekeepers: readonly Stage[] = [
  refuseUnreadable,
  authenticate,
  limitInFlight,
  impersonate,
  authorize,
  refuseOutsideRoot,
];

export async function answer(exchange: Exchange): Promise<ApiResponse> {
  let response: ApiResponse;
  exchange.core.activity.begin();
  try {
    const running = run(exchange.trusted ? fromInside : fromOutside, exchange);
    response = running instanceof Promise ? await running : running;
  } catch (error) {
    response = refusal(exchange, error);
  } finally {
    exchange.core.activity.end();
  }
  for (const cleanup of exchange.cleanups) cleanup();
  return finish(exchange, record(exchange, response));
}

/** Throws a StatusError when the caller may not have the connection. */
export async function guard(exchange: Exchange): Promise<void> {
  for (const stage of gatekeepers) await stage(exchange);
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

function refuseUnreadable({ info }: Exchange): undefined {
  if (info.problem) throw info.problem;
}

/** RequestInfo, and so authorization, passes over slashes in front of the path; upstream serves nothing there. */
function refuseOutsideRoot({ info }: Exchange): undefined {
  if (info.path.startsWith('//')) throw new NoSuchPage();
}

export function refusal(exchange: Exchange, error: unknown): ApiResponse {
  if (error instanceof PlainRefusal) return error.response();
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
  };
}
