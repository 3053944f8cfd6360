/**
 * Who may use an image that the kubelet has pulled: every pod, when the pull needed no pod's secret, or those with a
 * secret that a pull has succeeded with. Upstream: `MustAttemptImagePull` of pkg/kubelet/images/pullmanager.
 */

import { createHash } from 'node:crypto';
import { parseImageName } from '#base/text/image-name.ts';
import type { PullCredentials, SecretIdentity } from './registries/pull-credentials.ts';

/** As upstream writes it (kubelet.config.k8s.io/v1beta1). */
export interface PullRecord {
  readonly kind: 'ImagePulledRecord';
  readonly apiVersion: 'kubelet.config.k8s.io/v1beta1';
  /** RFC 3339. */
  readonly lastUpdatedTime: string;
  readonly imageRef: string;
  /** By repository: the same image may have several names. */
  readonly credentialMapping: Readonly<Record<string, ImageAccess>>;
}

export interface ImageAccess {
  readonly nodePodsAccessible?: boolean;
  readonly kubernetesSecrets?: readonly KnownSecret[];
}

export interface KnownSecret extends SecretIdentity {
  readonly credentialHash: string;
}

/** Above it, a secret that matches an earlier one is no longer added. */
const secretsMax = 100;

/** The access that a pull with these credentials has shown. */
export function accessOf(used: PullCredentials | undefined): ImageAccess {
  const known = used && knownSecret(used);
  return known ? { kubernetesSecrets: [known] } : { nodePodsAccessible: true };
}

/** The record with more access; the same one when that changes nothing. */
export function withAccess(record: PullRecord, image: string, more: ImageAccess, time: string): PullRecord {
  const name = repositoryName(image);
  const before = record.credentialMapping[name];
  const after = joined(before, more);
  if (after === before) return record;
  const credentialMapping = { ...record.credentialMapping, [name]: after };
  return { ...record, lastUpdatedTime: time, credentialMapping };
}

export function newRecord(imageRef: string, time: string): PullRecord {
  return {
    kind: 'ImagePulledRecord',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    lastUpdatedTime: time,
    imageRef,
    credentialMapping: {},
  };
}

/**
 * The access by which a pod with these credentials may use the image without a pull, to be recorded; undefined when it
 * has to pull.
 */
export function knownAccess(
  record: PullRecord,
  image: string,
  credentials: readonly PullCredentials[],
): ImageAccess | undefined {
  const access = record.credentialMapping[repositoryName(image)];
  if (access?.nodePodsAccessible) return access;
  const known = access?.kubernetesSecrets ?? [];
  const match = credentials
    .map(knownSecret)
    .find(
      (secret) => secret && known.some((earlier) => isSame(earlier, secret) || hasSameHash(earlier, secret)),
    );
  if (!match) return undefined;
  return known.length < secretsMax ? { kubernetesSecrets: [match] } : access;
}

function joined(before: ImageAccess | undefined, more: ImageAccess): ImageAccess {
  if (before?.nodePodsAccessible) return before;
  if (!before || more.nodePodsAccessible) return more;
  const earlier = before.kubernetesSecrets ?? [];
  const further = (more.kubernetesSecrets ?? []).filter(
    (secret) => !earlier.some((known) => isSame(known, secret) && hasSameHash(known, secret)),
  );
  if (further.length === 0) return before;
  const kept = earlier.filter((known) => !further.some((secret) => isSame(known, secret)));
  return { kubernetesSecrets: [...kept, ...further] };
}

function knownSecret({ credentials, secret }: PullCredentials): KnownSecret | undefined {
  if (!secret) return undefined;
  const { username, password, identityToken } = credentials;
  const text = JSON.stringify([username, password, identityToken]);
  return { ...secret, credentialHash: createHash('sha256').update(text).digest('hex') };
}

function isSame(a: SecretIdentity, b: SecretIdentity): boolean {
  return a.uid === b.uid && a.namespace === b.namespace && a.name === b.name;
}

function hasSameHash(a: KnownSecret, b: KnownSecret): boolean {
  return a.credentialHash === b.credentialHash;
}

function repositoryName(image: string): string {
  const parsed = parseImageName(image);
  return typeof parsed === 'string' ? image : `${parsed.registry}/${parsed.repository}`;
}
