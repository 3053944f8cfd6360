/**
 * Gives every pod a ServiceAccount, the account's image pull secrets, and a volume with a token to talk to the API.
 * Reads: ServiceAccount. Upstream: ServiceAccount.
 */

import { pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '#api/generated/types.gen.ts';
import { badRequest, forbidden } from '#api/meta/status.ts';
import { startedContainers } from '#api/pods/containers.ts';
import type { Env } from '#base/env.ts';
import { randomSuffix } from '#base/random.ts';
import { flatText } from '#base/text/flat-text.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/contract.ts';
import { readObject } from '../../contract/typed-reader.ts';

const defaultAccountName = 'default';
const lookupTriesMax = 10;
const lookupDelayMinMs = 100;
const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and a little, by which the token's renewal is told from a request for just an hour. */
const tokenSeconds = 3607;
const enforceMountAnnotation = 'kubernetes.io/enforce-mountable-secrets';
const mirrorAnnotation = 'kubernetes.io/config.mirror';

interface Surroundings {
  readonly env: Env;
  readonly reader: ObjectReader;
}

export function serviceAccount(options: Surroundings): AdmissionPlugin {
  return defineAdmission({
    name: 'ServiceAccount',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'] }],
    mutate(attributes) {
      const pod = attributes.object as Pod;
      if (isMirror(pod)) return;
      const spec = pod.spec!;
      spec.serviceAccountName ||= defaultAccountName;
      spec.serviceAccount = spec.serviceAccountName;
      const give = () => giveAccount(options, attributes, spec);
      if (spec.serviceAccountName !== defaultAccountName) return give();
      return defaultAccount(options, attributes)?.then(give) ?? give();
    },
    validate(attributes) {
      const pod = attributes.object as Pod;
      const name = pod.spec?.serviceAccountName;
      if (isMirror(pod)) {
        if (name) throw badRequest('a mirror pod may not reference service accounts');
        return;
      }
      const account = accountOf(options.reader, attributes, name ?? '');
      if (account.metadata?.annotations?.[enforceMountAnnotation] === 'true')
        limitSecrets(attributes, account, pod);
    },
  });
}

function isMirror(pod: Pod): boolean {
  return pod.metadata?.annotations?.[mirrorAnnotation] !== undefined;
}

/**
 * In a namespace that was made a moment ago the controller has not made the default account yet: it is waited for, so
 * that creating a namespace and then a pod works without luck. Upstream waits as long.
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
  const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
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

function limitSecrets(attributes: AdmissionAttributes, account: ServiceAccount, pod: Pod): void {
  const allowed = new Set((account.secrets ?? []).map((secret) => secret.name));
  const refuse = (what: string) => forbidden(pods, attributes.name, what);
  const name = account.metadata?.name;
  for (const volume of pod.spec?.volumes ?? []) {
    const secret = volume.secret?.secretName;
    if (secret && !allowed.has(secret)) {
      throw refuse(
        `volume with secret.secretName="${secret}" is not allowed because service account ${name} does not reference that secret`,
      );
    }
  }
  for (const container of startedContainers(pod.spec)) {
    for (const { name: variable, valueFrom } of container.env ?? []) {
      const secret = valueFrom?.secretKeyRef?.name;
      if (secret && !allowed.has(secret)) {
        throw refuse(
          `container ${container.name} with envVar ${variable} referencing secret.secretName="${secret}" is not allowed because service account ${name} does not reference that secret`,
        );
      }
    }
  }
}
