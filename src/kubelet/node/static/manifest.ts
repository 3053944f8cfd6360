/**
 * Reads the manifests of static pods: a Pod in YAML or JSON, from an address also a PodList, with the defaults and
 * checks of a pod that the API creates. It gets the node's name behind its own, a uid that changes with the manifest,
 * and, from a file, runs whatever taints the node has. Follows upstream's `config/common.go`.
 */

import { createHash } from 'node:crypto';
import type { Pod, Toleration } from '#api/generated/types.gen.ts';
import { pod as podKind } from '#api/kinds/pods/pod.ts';
import type { Stored } from '#api/meta/object.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { type FieldError, fieldErrorMessage, invalidValue } from '#api/validation/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '#api/validation/validators.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { NodePod } from '../../pod/pod.ts';
import { apiReference } from './api-references.ts';

/** `file`: the path of the file; `url`: the address. */
export type ManifestPlace = { readonly nodeName: string } & (
  | { readonly file: string }
  | { readonly url: string }
);

const podType = 'io.k8s.api.core.v1.Pod';
const uidLength = 32;
/** Far more than a node runs: each is admitted, or rejected with an event and a mirror pod. */
const listPodsMax = 1000;
const fileName = /^[A-Za-z0-9][-_.A-Za-z0-9]{0,62}$/;
const noFileName = "it must be at most 63 letters, digits, '-', '_' or '.', and begin with a letter or digit";

/**
 * Of a file a Pod, of an address a Pod or a PodList. Throws an Error that says what is wrong, with the first pod that
 * cannot be used; it does not name the place.
 */
export function readManifests(text: string, place: ManifestPlace): NodePod[] {
  const { value } = readYaml(text);
  const isList = 'url' in place && isJsonObject(value) && value['kind'] === 'PodList';
  if (!isList || value['apiVersion'] !== 'v1') return [podAt(decoded(value), place)];
  decodeInto(loadSchema(), `${podType}List`, value);
  const pods = (value['items'] ?? []) as Pod[];
  if (pods.length > listPodsMax) throw new Error(`the list has more than ${listPodsMax} pods`);
  return pods.map((pod) => podAt(pod, place));
}

function podAt(pod: Pod, place: ManifestPlace): NodePod {
  if (!pod.metadata?.name) throw new Error('invalid pod: name is needed for the pod');
  const placed = inPlace(pod, place);
  podKind.setDefaults?.(placed);
  podKind.dropDisabled?.(placed);
  const errors = [...nameErrors(placed), ...(podKind.validate?.(placed) ?? [])];
  if (errors.length > 0) throw new Error(`invalid pod: ${textOf(errors)}`);
  const reference = apiReference(placed.spec);
  if (reference) throw new Error(`static pods may not reference ${reference}`);
  return placed;
}

function decoded(value: unknown): Pod {
  if (!isJsonObject(value) || value['apiVersion'] !== 'v1' || value['kind'] !== 'Pod') {
    throw new Error("couldn't parse as pod(it is not of apiVersion v1, kind Pod), please check config file");
  }
  decodeInto(loadSchema(), podType, value);
  return value as Pod;
}

/** The pod as it would come from the API, bound to this node. */
function inPlace(pod: Pod, place: ManifestPlace): NodePod {
  const { metadata = {}, spec = { containers: [] } } = pod;
  const { nodeName } = place;
  const isFile = 'file' in place;
  const uid = metadata.uid ?? uidOf(pod, isFile ? `host:${nodeName}file:${place.file}` : `url:${place.url}`);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName.toLowerCase()}`,
      namespace: metadata.namespace ?? 'default',
      uid,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': uid,
        'kubernetes.io/config.source': isFile ? 'file' : 'http',
      },
    } as Stored<Pod>['metadata'],
    spec: {
      ...spec,
      nodeName,
      // As upstream, pods of an address bear the taints of the node like any other.
      ...(isFile ? { tolerations: tolerating(spec.tolerations) } : {}),
    },
    status: { phase: 'Pending' },
  };
}

function tolerating(own: readonly Toleration[] = []): Toleration[] {
  return [...own.filter((toleration) => !isOfAll(toleration)), { operator: 'Exists', effect: 'NoExecute' }];
}

function isOfAll({ key, operator, effect, tolerationSeconds }: Toleration): boolean {
  return !key && operator === 'Exists' && effect === 'NoExecute' && tolerationSeconds === undefined;
}

function uidOf(pod: Pod, place: string): string {
  const hash = createHash('sha256').update(JSON.stringify(pod)).update(place);
  return hash.digest('hex').slice(0, uidLength);
}

/** Paths on the node are made of them. */
function nameErrors({ metadata: { name, namespace = '', uid } }: NodePod): FieldError[] {
  return [
    ...(fileName.test(uid) ? [] : [invalidValue('metadata.uid', uid, noFileName)]),
    ...dns1123Subdomain(name).map((text) => invalidValue('metadata.name', name, text)),
    ...dns1123Label(namespace).map((text) => invalidValue('metadata.namespace', namespace, text)),
  ];
}

/** As Go prints several errors as one. */
function textOf(errors: readonly FieldError[]): string {
  const texts = errors.map(fieldErrorMessage);
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
