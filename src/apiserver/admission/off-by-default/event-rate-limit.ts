/**
 * Refuses events beyond a rate: of the server, of a namespace, of a user, or of what reports on an object. Upstream:
 * EventRateLimit, off by default.
 */

import { createHash } from 'node:crypto';
import { type ConfigTypes, readStrictDocument } from '#api/configuration/config-file.ts';
import type { Event, EventsV1Event } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { failure } from '#api/meta/status.ts';
import {
  type FieldError,
  fieldErrorMessage,
  invalidValue,
  notSupported,
} from '#api/validation/field-error.ts';
import type { Clock } from '#base/clock.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import { TokenBucket } from '#client/queue/token-bucket.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';

export interface EventLimit {
  readonly type: string;
  /** Per second, once the burst is used up. */
  readonly qps: number;
  readonly burst: number;
  /** How many namespaces, users or sources are counted; 0: the default. */
  readonly cacheSize: number;
}

const defaultCacheSize = 4096;
const keptTextMax = 1024;
const limitTypes = ['Namespace', 'Server', 'SourceAndObject', 'User'];

const types: ConfigTypes = {
  Configuration: { limits: '[]#Limit' },
  Limit: { type: 'string', qps: 'int32', burst: 'int32', cacheSize: 'int32' },
};
const format = {
  group: 'eventratelimit.admission.k8s.io',
  versions: ['v1alpha1'],
  kind: 'Configuration',
  types,
};

/** Throws an Error with all problems; without a configuration, too. */
export function readEventLimits(document: unknown): readonly EventLimit[] {
  const read = document === undefined ? {} : readStrictDocument(document, format);
  const written = ((read as { limits?: Partial<EventLimit>[] }).limits ?? []).map((limit) => ({
    type: '',
    qps: 0,
    burst: 0,
    cacheSize: 0,
    ...limit,
  }));
  const errors = written.length === 0 ? [invalidValue('limits', null, 'must not be empty')] : [];
  for (const [i, limit] of written.entries()) errors.push(...problemsOf(limit, `limits[${i}]`));
  if (errors.length > 0) throw new Error(aggregateText(errors.map(fieldErrorMessage)));
  return written;
}

function problemsOf({ type, qps, burst, cacheSize }: EventLimit, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!limitTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, limitTypes));
  if (burst <= 0) errors.push(invalidValue(`${path}.burst`, burst, 'must be positive'));
  if (qps <= 0) errors.push(invalidValue(`${path}.qps`, qps, 'must be positive'));
  if (type !== 'Server' && cacheSize < 0) {
    errors.push(invalidValue(`${path}.cacheSize`, cacheSize, 'must not be negative'));
  }
  return errors;
}

export function eventRateLimit(clock: Clock, limits: readonly EventLimit[]): AdmissionPlugin {
  const counters = limits.map((limit) => ({
    limit,
    buckets: new RecentMap<string, TokenBucket>(keptMax(limit)),
  }));
  return defineAdmission({
    name: 'EventRateLimit',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['', 'events.k8s.io'], resources: ['events'] }],
    validate(attributes) {
      if (attributes.dryRun) return;
      const reached = counters.flatMap(({ limit, buckets }) => {
        const key = keyOf(limit.type, attributes);
        const bucket = buckets.getOr(kept(key), () => new TokenBucket(clock, limit.qps, limit.burst));
        if (bucket.available === 0) return [`limit reached on type ${limit.type} for key ${key}`];
        bucket.take(1);
        return [];
      });
      if (reached.length === 0) return;
      throw failure(429, 'TooManyRequests', `Too many requests: ${aggregateText(reached)}`);
    },
  });
}

/** The size of a limit of the server is not validated: it has a single key. */
function keptMax({ cacheSize }: EventLimit): number {
  return cacheSize > 0 ? cacheSize : defaultCacheSize;
}

/** Names of what an event is about have no limit of their own: thousands of keys of a megabyte would be kept. */
function kept(key: string): string {
  if (key.length <= keptTextMax) return key;
  return `sha256:${createHash('sha256').update(key).digest('base64')}`;
}

function keyOf(type: string, { namespace, user, object }: AdmissionAttributes): string {
  if (type === 'Namespace') return namespace;
  if (type === 'User') return user.name;
  return type === 'SourceAndObject' ? sourceAndObject(object as unknown as Event & EventsV1Event) : '';
}

function sourceAndObject(event: Event & EventsV1Event): string {
  const source = event.source ?? event.deprecatedSource ?? {};
  const about = event.involvedObject ?? event.regarding ?? {};
  const { kind, namespace, name, uid, apiVersion } = about;
  return [source.component, source.host, kind, namespace, name, uid, apiVersion].join('');
}
