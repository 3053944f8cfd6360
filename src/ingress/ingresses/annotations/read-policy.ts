/** All annotations of an Ingress as one policy. Throws `Unservable` at the first that cannot be served. */

import type { Ingress } from '#api/generated/types.gen.ts';
import { defaultTimeouts } from '../../model/model.ts';
import { Unservable } from '../../objects/certificate.ts';
import { auth, type SecretSource } from './auth.ts';
import { backend } from './backend.ts';
import { canary } from './canary.ts';
import { unreadAnnotations } from './known.ts';
import { limits } from './limits.ts';
import type { Policy } from './policy.ts';
import { AnnotationReader, annotationPrefix } from './reader.ts';
import { routing } from './routing.ts';

export interface ReadPolicy {
  readonly policy: Policy;
  /** Annotations without effect, by their full names. */
  readonly ignored: readonly string[];
}

export function readPolicy(
  { metadata = {} }: Ingress,
  defaults: Readonly<Record<string, string>>,
  source: SecretSource,
): ReadPolicy {
  const reader = new AnnotationReader(metadata.annotations ?? {}, defaults);
  const { ignored, refused } = unreadAnnotations(reader);
  if (refused.length > 0) {
    throw new Unservable(`annotation ${annotationPrefix}${refused[0]} is not supported`);
  }
  const parts = [
    routing(reader),
    limits(reader),
    auth(reader, metadata.namespace ?? '', source),
    backend(reader),
    canary(reader),
  ];
  const all = <K extends 'redirects' | 'checks' | 'changes'>(key: K) =>
    parts.flatMap((part) => part[key] ?? []);
  const policy: Policy = Object.assign({ timeouts: defaultTimeouts, hasRegexPaths: false }, ...parts, {
    redirects: all('redirects'),
    checks: all('checks'),
    changes: all('changes'),
  });
  return { policy, ignored: ignored.map((name) => annotationPrefix + name) };
}
