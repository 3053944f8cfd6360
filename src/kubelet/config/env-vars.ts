/** A container's environment: services, then `envFrom`, then `env` in order, each seeing those before it. */

import { isUtf8 } from 'node:buffer';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { EnvFromSource, EnvVar, FileKeySelector, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { valueInEnvFile } from './env-file.ts';
import { expand } from './expansion.ts';
import { fieldValue, limitsForEnv, type PodAddresses, resourceValue } from './field-ref.ts';
import { serviceEnv } from './service-env.ts';

export interface EnvInput {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly objects: ObjectSource;
  readonly setup: Pick<PodSetup, 'readVolumeFile'>;
  readonly services: readonly Stored<Service>[];
  readonly addresses: PodAddresses;
  readonly allocatable: Record<string, string>;
}

/** Why a container cannot be configured: reported as CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override name = 'ContainerConfigError';
}

/**
 * Why the runtime could not create a container, detected before it is called: reported as
 * CreateContainerError.
 */
export class ContainerCreateError extends Error {
  override name = 'ContainerCreateError';
}

/** The runtime's protocol carries no such value. */
const unsendable = 'grpc: error while marshaling: string field contains invalid UTF-8';

export async function makeEnv(input: EnvInput): Promise<{ key: string; value: string }[]> {
  const { pod, container, services } = input;
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of await fromSource(input, source)) result.set(key, value);
  }
  const service = serviceEnv(services, pod.metadata.namespace ?? '', pod.spec.enableServiceLinks !== false);
  const lookUp = (name: string) => result.get(name) ?? service.get(name);
  for (const variable of container.env ?? []) {
    const value = await valueFor(input, variable, lookUp);
    if (value !== undefined) result.set(variable.name, value);
  }
  // The pod's own variables win over those of services.
  const all = new Map([...service, ...result]);
  return [...all].map(([key, value]) => ({ key, value }));
}

async function valueFor(
  input: EnvInput,
  variable: EnvVar,
  lookUp: (name: string) => string | undefined,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? '', lookUp);
  if (from.fieldRef) return fieldValue(input.pod, from.fieldRef.fieldPath, input.addresses);
  if (from.resourceFieldRef) {
    const { pod, container, allocatable } = input;
    return resourceValue(pod, container, from.resourceFieldRef, limitsForEnv(pod, allocatable));
  }
  if (from.configMapKeyRef) return keyOf(input, 'configmap', 'ConfigMap', from.configMapKeyRef);
  if (from.secretKeyRef) return keyOf(input, 'secret', 'Secret', from.secretKeyRef);
  if (from.fileKeyRef) return keyOfFile(input, from.fileKeyRef);
  throw new ContainerConfigError(`environment variable ${variable.name} has a source that is not supported`);
}

/**
 * An empty value counts as none, as upstream. The contents of the file, which a container wrote, are not
 * reported.
 */
async function keyOfFile({ pod, setup }: EnvInput, ref: FileKeySelector): Promise<string | undefined> {
  if (!setup.readVolumeFile) throw new ContainerConfigError('there are no files on a simulated node');
  let value: string | undefined;
  let at = '';
  try {
    const file = await setup.readVolumeFile(pod, ref.volumeName, ref.path);
    at = file.at;
    // Latin-1 keeps every byte: only the value that the pod refers to has to be text.
    value = valueInEnvFile(file.content.toString('latin1'), Buffer.from(ref.key).toString('latin1'));
  } catch {
    throw new ContainerConfigError("couldn't parse env file");
  }
  if (value) return sendable(Buffer.from(value, 'latin1'));
  if (ref.optional) return undefined;
  throw new ContainerConfigError(
    `environment variable key ${JSON.stringify(ref.key)} not found in file "${at}"`,
  );
}

async function keyOf(
  input: EnvInput,
  kind: 'configmap' | 'secret',
  title: string,
  ref: { name?: string; key: string; optional?: boolean },
): Promise<string | undefined> {
  const data = await dataOf(input, kind, ref.name ?? '');
  if (!data) {
    if (ref.optional) return undefined;
    throw new ContainerConfigError(`${kind} "${ref.name}" not found`);
  }
  const value = data.get(ref.key);
  if (value !== undefined) return plainText(kind, value);
  if (ref.optional) return undefined;
  const where = `${input.pod.metadata.namespace}/${ref.name}`;
  throw new ContainerConfigError(`couldn't find key ${ref.key} in ${title} ${where}`);
}

async function fromSource(input: EnvInput, source: EnvFromSource): Promise<[string, string][]> {
  const ref = source.configMapRef ?? source.secretRef;
  const kind = source.configMapRef ? 'configmap' : 'secret';
  const data = await dataOf(input, kind, ref?.name ?? '');
  if (!data) {
    if (ref?.optional) return [];
    throw new ContainerConfigError(`${kind} "${ref?.name}" not found`);
  }
  const prefix = source.prefix ?? '';
  const keys = [...data.keys()].sort();
  return keys
    .filter((key) => !key.includes('='))
    .map((key) => [`${prefix}${key}`, plainText(kind, data.get(key)!)]);
}

/** A secret's values are base64. */
function plainText(kind: string, value: string): string {
  return kind === 'secret' ? sendable(Buffer.from(value, 'base64')) : value;
}

function sendable(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ContainerCreateError(unsendable);
  return bytes.toString();
}

/** Values as they stand in the object. */
async function dataOf(input: EnvInput, kind: string, name: string): Promise<Map<string, string> | undefined> {
  const namespace = input.pod.metadata.namespace ?? '';
  if (kind === 'configmap') {
    const found = await input.objects.get(configMaps, namespace, name);
    return found && new Map(Object.entries(found.data ?? {}));
  }
  const found = await input.objects.get(secrets, namespace, name);
  return found && new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, String(value)]));
}
