/** The hash by which a Deployment tells its ReplicaSets apart: FNV-1a of the pod template, in letters that spell no words. */

import { deepEqual } from '#api/deep-equal.ts';
import type { PodTemplateSpec } from '#api/types.gen.ts';
import { canonicalJson } from './canonical-json.ts';

export const templateHashLabel = 'pod-template-hash';

const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `collisionCount` gives another hash when a ReplicaSet of another template already has this one. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const salt = collisionCount === undefined ? '' : `#${collisionCount}`;
  return safeEncode(String(fnv32a(canonicalJson(template) + salt)));
}

export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The older order of the two steps, by which revisions of StatefulSets are hashed. */
export function fnv32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
}

export function safeEncode(text: string): string {
  return [...text].map((sign) => safeAlphabet[sign.charCodeAt(0) % safeAlphabet.length]).join('');
}

/** Whether two templates make the same pods; the hash label a ReplicaSet's template carries does not count. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [templateHashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
