/** `proxy-body-size`, `proxy-*-timeout`, `limit-rps`, `limit-rpm`, `limit-connections`, `whitelist-source-range`. */

import { parseCidr, parseIp } from '#api/values/ip.ts';
import { type ClientLimits, defaultTimeouts, type Step, type Timeouts } from '../../model/model.ts';
import type { PolicyPart } from './policy.ts';
import type { AnnotationReader } from './reader.ts';

/** As nginx's controller: five seconds' worth of requests may come at once. */
const burstMultiplier = 5;
const timeoutSecondsMax = 7 * 24 * 3600;

export function limits(read: AnnotationReader): PolicyPart {
  const clients = clientLimits(read);
  return {
    checks: [...sourceSteps(read), ...bodySteps(read)],
    timeouts: timeoutsOf(read),
    ...(clients ? { limits: clients } : {}),
  };
}

function sourceSteps(read: AnnotationReader): Step[] {
  const name =
    read.text('allowlist-source-range') === undefined ? 'whitelist-source-range' : 'allowlist-source-range';
  const cidrs = read.list(name);
  if (!cidrs) return [];
  if (cidrs.length === 0 || !cidrs.every(isRange)) throw read.bad(name, 'must be a list of CIDRs');
  return [{ do: 'allow sources', cidrs }];
}

function isRange(text: string): boolean {
  return parseIp(text) !== undefined || parseCidr(text) !== undefined;
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** 0 is no limit, as in nginx. */
function bodySteps(read: AnnotationReader): Step[] {
  const value = read.text('proxy-body-size');
  if (value === undefined) return [];
  const parts = /^(\d{1,12})([kmg]?)$/i.exec(value);
  if (!parts) throw read.bad('proxy-body-size', 'must be a number of bytes, with k, m or g');
  const bytesMax = Number(parts[1]) * unitBytes[parts[2]!.toLowerCase()]!;
  return bytesMax === 0 ? [] : [{ do: 'limit body', bytesMax }];
}

function timeoutsOf(read: AnnotationReader): Timeouts {
  const seconds = (name: string) => read.count(name, timeoutSecondsMax);
  const connect = seconds('proxy-connect-timeout');
  const answer = [seconds('proxy-read-timeout'), seconds('proxy-send-timeout')].filter(
    (value) => value !== undefined,
  );
  return {
    connectMs: connect === undefined ? defaultTimeouts.connectMs : Math.max(1, connect) * 1000,
    serverMs: answer.length === 0 ? defaultTimeouts.serverMs : Math.max(1, ...answer) * 1000,
  };
}

function clientLimits(read: AnnotationReader): ClientLimits | undefined {
  const perSecond = read.count('limit-rps') ?? 0;
  const perMinute = read.count('limit-rpm') ?? 0;
  const connections = read.count('limit-connections') ?? 0;
  const multiplier = Math.max(1, read.count('limit-burst-multiplier', 1000) ?? burstMultiplier);
  const rate = perSecond > 0 ? perSecond : perMinute / 60;
  if (rate === 0 && connections === 0) return undefined;
  return {
    burst: Math.max(1, Math.round(rate * multiplier)),
    ...(rate > 0 ? { requestsPerSecond: rate } : {}),
    ...(connections > 0 ? { connections } : {}),
  };
}
