/**
 * Finds out who asks. Credentials that are bad do not hide others that are good; but who showed any that are
 * bad is not anonymous. Every request passes here: without a promise when no authenticator needs one.
 */

import { hasSpaceBeforeToken } from '#api/http/authorization-header.ts';
import { StatusError, unauthorized } from '#api/meta/status.ts';
import { anonymous, type UserInfo } from '#api/meta/user.ts';
import type { Authenticator } from '../../contract/authentication.ts';
import type { FlowControl } from '../../flowcontrol/flow-control.ts';
import type { AccessMetrics } from '../../request/access-metrics.ts';
import { type Exchange, warn } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

const passedOver =
  'the provided Authorization header contains extra space before the bearer token, and is ignored';

type Enter = (exchange: Exchange) => undefined | Promise<undefined>;

export function authentication(
  authenticators: readonly Authenticator[],
  metrics?: AccessMetrics,
  flowControl?: FlowControl,
): Stage {
  const enter: Enter = (exchange) =>
    metrics ? measured(authenticators, exchange, metrics) : authenticate(authenticators, exchange);
  return {
    name: 'authentication',
    callers: 'outside',
    enter: flowControl ? (exchange) => refusedInTurn(flowControl, exchange, enter) : enter,
  };
}

/** Refusals wait for turns of the thread: no other stage limits a flood of them. */
function refusedInTurn(flowControl: FlowControl, exchange: Exchange, enter: Enter): ReturnType<Enter> {
  const refuse = (error: unknown): Promise<never> => {
    const { turn, begins } = flowControl.beginRefusal(exchange);
    exchange.turn = turn;
    if (!begins) throw error;
    return begins.then(() => {
      throw error;
    });
  };
  try {
    return enter(exchange)?.catch(refuse);
  } catch (error) {
    return refuse(error);
  }
}

function measured(
  authenticators: readonly Authenticator[],
  exchange: Exchange,
  metrics: AccessMetrics,
): undefined | Promise<undefined> {
  const { clock } = exchange.parts.env;
  const beganMs = clock.monotonicMs();
  const known = (): undefined =>
    void metrics.authenticated('success', clock.monotonicMs() - beganMs, exchange.user.name);
  const unknown = (error: unknown): never => {
    const isRefused = error instanceof StatusError && error.code === 401;
    metrics.authenticated(isRefused ? 'failure' : 'error', clock.monotonicMs() - beganMs);
    throw error;
  };
  try {
    const waiting = authenticate(authenticators, exchange);
    if (waiting) return waiting.then(known, unknown);
  } catch (error) {
    unknown(error);
  }
  return known();
}

function authenticate(
  authenticators: readonly Authenticator[],
  exchange: Exchange,
  from = 0,
  hasFailed = exchange.peer.hasBadCertificate ?? false,
): undefined | Promise<undefined> {
  const { request, peer } = exchange;
  let isRefused = hasFailed;
  for (let i = from; i < authenticators.length; i++) {
    let user: UserInfo | undefined | Promise<UserInfo | undefined>;
    try {
      user = authenticators[i]!.authenticate(request, peer, (text) => warn(exchange, text));
    } catch (error) {
      onlyUnauthorized(error);
      isRefused = true;
      continue;
    }
    if (user instanceof Promise) {
      const goOn = (hasFailed: boolean) => authenticate(authenticators, exchange, i + 1, hasFailed);
      return user.then(
        (known) => (accept(exchange, known, isRefused) ? undefined : goOn(isRefused)),
        (error) => {
          onlyUnauthorized(error);
          return goOn(true);
        },
      );
    }
    if (accept(exchange, user, isRefused)) return undefined;
  }
  throw unauthorized();
}

function onlyUnauthorized(error: unknown): void {
  if (!(error instanceof StatusError) || error.code !== 401) throw error;
}

function accept(exchange: Exchange, user: UserInfo | undefined, isRefused: boolean): boolean {
  if (!user) return false;
  if (user === anonymous) {
    if (isRefused) throw unauthorized();
    if (hasSpaceBeforeToken(exchange.request.headers['authorization'])) warn(exchange, passedOver);
  }
  exchange.user = user;
  return true;
}
