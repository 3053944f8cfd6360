/**
 * The hash by which a Deployment distinguishes its ReplicaSets and a DaemonSet its revisions, as upstream
 * computes it: FNV-1a of the pod template as Go prints it, in letters that spell no words.
 */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { fnv1a, fnvOffsetBasis, fnvPrime } from '#base/text/fnv1a.ts';
import { dumpTemplate } from './template-dump.ts';

export const templateHashLabel = 'pod-template-hash';

const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `collisionCount` gives another hash when a ReplicaSet of another template has this one already. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const hash = fnv1a(dumpTemplate(template));
  return safeEncode(String(collisionCount === undefined ? hash : fnv1a(littleEndian(collisionCount), hash)));
}

/** FNV-1, which multiplies first, by which revisions of StatefulSets are hashed. */
export function fnv1(text: string): number {
  let hash = fnvOffsetBasis;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, fnvPrime) ^ byte) >>> 0;
  return hash;
}

/** In eight bytes, of which upstream fills four. */
function littleEndian(count: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, count, true);
  return bytes;
}

export function safeEncode(text: string): string {
  return [...text].map((sign) => safeAlphabet[sign.charCodeAt(0) % safeAlphabet.length]).join('');
}

/** Whether two templates make the same pods; the hash label in a ReplicaSet's template does not count. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b), 'io.k8s.api.core.v1.PodTemplateSpec');
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
