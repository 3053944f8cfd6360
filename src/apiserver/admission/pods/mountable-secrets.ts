/** Which secrets a pod may refer to when its ServiceAccount keeps it to those that the account lists. */

import type { Container, EphemeralContainer, PodSpec, ServiceAccount } from '#api/generated/types.gen.ts';

const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets';

/** Why the pod is not allowed, if so. */
export function unlistedSecret(account: ServiceAccount, spec: PodSpec): string | undefined {
  if (!isKeptToItsSecrets(account)) return undefined;
  const { isListed, because } = listOf(account);
  for (const { secret } of spec.volumes ?? []) {
    const name = secret?.secretName ?? '';
    if (secret && !isListed(name)) return `volume with secret.secretName="${name}" ${because}`;
  }
  return (
    unlistedInContainers(account, 'init container', spec.initContainers) ??
    unlistedInContainers(account, 'container', spec.containers) ??
    unlistedPullSecret(account, spec)
  );
}

/** The same of containers that are added to a pod that exists. */
export function unlistedInEphemeral(account: ServiceAccount, spec: PodSpec): string | undefined {
  if (!isKeptToItsSecrets(account)) return undefined;
  return unlistedInContainers(account, 'ephemeral container', spec.ephemeralContainers);
}

function isKeptToItsSecrets({ metadata }: ServiceAccount): boolean {
  return metadata?.annotations?.[enforceAnnotation] === 'true';
}

function listOf({ metadata, secrets = [] }: ServiceAccount) {
  const listed = new Set(secrets.map(({ name }) => name));
  return {
    isListed: (name: string) => listed.has(name),
    because: `is not allowed because service account ${metadata?.name} does not reference that secret`,
  };
}

function unlistedInContainers(
  account: ServiceAccount,
  what: string,
  containers: readonly (Container | EphemeralContainer)[] = [],
): string | undefined {
  const { isListed, because } = listOf(account);
  const refused = (container: string, by: string, secret: string) =>
    `${what} ${container} with ${by} referencing secret.secretName="${secret}" ${because}`;
  for (const { name, env = [], envFrom = [] } of containers) {
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef?.name ?? '';
      if (valueFrom?.secretKeyRef && !isListed(secret)) return refused(name, `envVar ${variable}`, secret);
    }
    for (const { secretRef } of envFrom) {
      if (secretRef && !isListed(secretRef.name ?? '')) return refused(name, 'envFrom', secretRef.name ?? '');
    }
  }
  return undefined;
}

function unlistedPullSecret(account: ServiceAccount, { imagePullSecrets = [] }: PodSpec): string | undefined {
  const listed = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  const at = imagePullSecrets.findIndex(({ name }) => !listed.has(name));
  if (at < 0) return undefined;
  const why = `is not allowed because service account ${account.metadata?.name} does not reference that imagePullSecret`;
  return `imagePullSecrets[${at}].name="${imagePullSecrets[at]!.name}" ${why}`;
}
