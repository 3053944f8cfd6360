/**
 * Who may use an image that the kubelet has pulled: every pod, when the pull needed nothing of a pod's, or those
 * with a secret or a ServiceAccount that a pull has succeeded with. Upstream: `MustAttemptImagePull` of
 * pkg/kubelet/images/pullmanager.
 */

import { createHash } from 'node:crypto';
import { parseImageName } from '#base/text/image-name.ts';
import type { ObjectIdentity, PullCredentials } from './registries/pull-credentials.ts';

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
  readonly kubernetesServiceAccounts?: readonly ObjectIdentity[];
}

export interface KnownSecret extends ObjectIdentity {
  readonly credentialHash: string;
}

/** Above it, a secret that matches an earlier one is no longer added. */
const secretsMax = 100;
/** The pods of those that came first have to pull again. */
const accountsMax = 1000;

/** The access that a pull with these credentials has shown. */
export function accessOf(used: PullCredentials | undefined): ImageAccess {
  const known = used && knownSecret(used);
  if (known) return { kubernetesSecrets: [known] };
  if (used?.serviceAccount) return { kubernetesServiceAccounts: [used.serviceAccount] };
  return { nodePodsAccessible: true };
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
 * has to pull. They are only read where they matter.
 */
export async function knownAccess(
  record: PullRecord,
  image: string,
  credentialsOf: () => Promise<readonly PullCredentials[]>,
): Promise<ImageAccess | undefined> {
  const access = record.credentialMapping[repositoryName(image)];
  if (!access || access.nodePodsAccessible) return access;
  const { kubernetesSecrets: secrets = [], kubernetesServiceAccounts: accounts = [] } = access;
  const credentials = await credentialsOf();
  const match = credentials
    .map(knownSecret)
    .find(
      (secret) =>
        secret && secrets.some((earlier) => isSame(earlier, secret) || hasSameHash(earlier, secret)),
    );
  if (match) return secrets.length < secretsMax ? { kubernetesSecrets: [match] } : access;
  const account = credentials.find(({ serviceAccount }) => serviceAccount)?.serviceAccount;
  return account && accounts.some((known) => isSame(known, account)) ? access : undefined;
}

function joined(before: ImageAccess | undefined, more: ImageAccess): ImageAccess {
  if (before?.nodePodsAccessible) return before;
  if (!before || more.nodePodsAccessible) return more;
  const kubernetesSecrets = joinedSecrets(before.kubernetesSecrets ?? [], more.kubernetesSecrets ?? []);
  const kubernetesServiceAccounts = joinedAccounts(
    before.kubernetesServiceAccounts ?? [],
    more.kubernetesServiceAccounts ?? [],
  );
  if (!kubernetesSecrets && !kubernetesServiceAccounts) return before;
  return {
    ...before,
    ...(kubernetesSecrets ? { kubernetesSecrets } : {}),
    ...(kubernetesServiceAccounts ? { kubernetesServiceAccounts } : {}),
  };
}

/** Undefined when there is none to add. */
function joinedSecrets(
  earlier: readonly KnownSecret[],
  more: readonly KnownSecret[],
): readonly KnownSecret[] | undefined {
  const further = more.filter(
    (secret) => !earlier.some((known) => isSame(known, secret) && hasSameHash(known, secret)),
  );
  if (further.length === 0) return undefined;
  return [...earlier.filter((known) => !further.some((secret) => isSame(known, secret))), ...further];
}

/** Undefined when there is none to add. */
function joinedAccounts(
  earlier: readonly ObjectIdentity[],
  more: readonly ObjectIdentity[],
): readonly ObjectIdentity[] | undefined {
  const further = more.filter((account) => !earlier.some((known) => isSame(known, account)));
  return further.length === 0 ? undefined : [...earlier, ...further].slice(-accountsMax);
}

function knownSecret({ credentials, secret }: PullCredentials): KnownSecret | undefined {
  if (!secret) return undefined;
  const { username, password, identityToken } = credentials;
  const text = JSON.stringify([username, password, identityToken]);
  return { ...secret, credentialHash: createHash('sha256').update(text).digest('hex') };
}

function isSame(a: ObjectIdentity, b: ObjectIdentity): boolean {
  return a.uid === b.uid && a.namespace === b.namespace && a.name === b.name;
}

function hasSameHash(a: KnownSecret, b: KnownSecret): boolean {
  return a.credentialHash === b.credentialHash;
}

function repositoryName(image: string): string {
  const parsed = parseImageName(image);
  return typeof parsed === 'string' ? image : `${parsed.registry}/${parsed.repository}`;
}
