/**
 * Gives every pod a ServiceAccount, the account's image pull secrets, and a volume with a token to talk to
 * the API. Reads: ServiceAccount. Upstream: ServiceAccount.
 */

import { pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '#api/generated/types.gen.ts';
import { forbidden, unknownError } from '#api/meta/status.ts';
import { startedContainers } from '#api/pods/containers.ts';
import { isMirrorPod } from '#api/pods/mirror-pod.ts';
import { findReferences } from '#api/pods/references.ts';
import type { Env } from '#base/env.ts';
import { randomSuffix } from '#base/random.ts';
import { flatText } from '#base/text/flat-text.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { nameRefusal } from './looked-up-name.ts';
import { unlistedInEphemeral, unlistedSecret } from './mountable-secrets.ts';

const defaultAccountName = 'default';
const lookupTriesMax = 10;
const lookupDelayMinMs = 100;
const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and a little, which distinguishes the token's renewal from a request for exactly an hour. */
const tokenSeconds = 3607;

interface Surroundings {
  readonly env: Env;
  readonly reader: ObjectReader;
}

const name = 'ServiceAccount';

export function serviceAccount(options: Surroundings): readonly AdmissionPlugin[] {
  return [
    defineAdmission({
      name,
      rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
      mutate(attributes) {
        const pod = attributes.object as Pod;
        if (isMirrorPod(pod)) return;
        const spec = pod.spec!;
        spec.serviceAccountName ||= defaultAccountName;
        spec.serviceAccount = spec.serviceAccountName;
        const give = () => giveAccount(options, attributes, spec);
        if (spec.serviceAccountName !== defaultAccountName) return give();
        return defaultAccount(options, attributes)?.then(give) ?? give();
      },
      validate(attributes) {
        const pod = attributes.object as Pod;
        const refuse = (why: string) => forbidden(pods, attributes.name, why);
        if (isMirrorPod(pod)) {
          const reference = referenceOfMirror(pod);
          if (reference) throw refuse(`a mirror pod may not ${reference}`);
          return;
        }
        const account = accountOf(options.reader, attributes, pod.spec?.serviceAccountName ?? '');
        const why = unlistedSecret(account, pod.spec!);
        if (why) throw refuse(why);
      },
    }),
    defineAdmission({
      name,
      rules: [{ operations: ['UPDATE'], apiGroups: [''], resources: ['pods/ephemeralcontainers'] }],
      validate(attributes) {
        const { spec } = attributes.object as Pod;
        const account = accountOf(options.reader, attributes, spec?.serviceAccountName ?? '');
        const why = unlistedInEphemeral(account, spec!);
        // Upstream gives it no code.
        if (why) throw unknownError(why);
      },
    }),
  ];
}

function referenceOfMirror(pod: Pod): string | undefined {
  if (pod.spec?.serviceAccountName) return 'reference service accounts';
  if (findReferences(pod).secrets.size > 0) return 'reference secrets';
  const sources = (pod.spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some((source) => source.serviceAccountToken)) {
    return 'use ServiceAccountToken volume projections';
  }
  return undefined;
}

/**
 * In a namespace that was made a moment ago the controller has not made the default account yet: it is waited
 * for, so that creating a namespace and then a pod works without luck. Upstream waits as long.
 */
function defaultAccount(
  { env, reader }: Surroundings,
  { namespace }: AdmissionAttributes,
): Promise<void> | undefined {
  const isThere = () => readObject(reader, serviceAccounts, namespace, defaultAccountName) !== undefined;
  return isThere() ? undefined : waitUntil(env, isThere);
}

async function waitUntil({ clock, random }: Env, isThere: () => boolean): Promise<void> {
  for (let tries = 1; tries < lookupTriesMax && !isThere(); tries++) {
    const delayMs = lookupDelayMinMs + random.float() * lookupDelayMinMs;
    await new Promise<void>((resolve) => clock.after(delayMs, resolve, { holdsProcess: true }));
  }
}

function giveAccount(options: Surroundings, attributes: AdmissionAttributes, spec: PodSpec): void {
  const account = accountOf(options.reader, attributes, spec.serviceAccountName!);
  if (wantsToken(account, spec)) mountToken(options.env, spec);
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  }
}

function accountOf(reader: ObjectReader, attributes: AdmissionAttributes, name: string): ServiceAccount {
  const { namespace } = attributes;
  const account = readObject(reader, serviceAccounts, namespace, name);
  if (account) return account;
  const refusal = nameRefusal(name) ?? `serviceaccount "${name}" not found`;
  const why = `error looking up service account ${namespace}/${name}: ${refusal}`;
  throw forbidden(pods, attributes.name, why);
}

function wantsToken(account: ServiceAccount, spec: PodSpec): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function mountToken(env: Env, spec: PodSpec): void {
  const existing = spec.volumes?.find(({ name }) => name?.startsWith(volumePrefix));
  const name = existing?.name ?? flatText(volumePrefix + randomSuffix(env.random));
  const containers = startedContainers(spec);
  const mounted = containers.map((container) => mountInto(container, name));
  if (!existing && mounted.includes(true)) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

/** A container that mounts something there itself keeps it. */
function mountInto(container: Container, name: string): boolean {
  if (container.volumeMounts?.some((mount) => mount.mountPath === tokenMountPath)) return false;
  const mount = { name, readOnly: true, mountPath: tokenMountPath };
  container.volumeMounts = [...(container.volumeMounts ?? []), mount];
  return true;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}
