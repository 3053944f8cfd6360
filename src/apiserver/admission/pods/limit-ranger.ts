/**
 * Fills in requests and limits from a namespace's LimitRanges and refuses what lies outside them.
 * Reads: LimitRange. Upstream: LimitRanger.
 */

import { limitRanges } from '#api/generated/kinds.gen.ts';
import type {
  Container,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
  ResourceRequirements,
} from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { forbidden, unknownError } from '#api/meta/status.ts';
import { amountTexts, exactAmounts } from '#api/pods/exact-amounts.ts';
import { podLimits, podRequests } from '#api/pods/resources.ts';
import { canonicalQuantity, parseQuantity, quantityMilliValue } from '#api/values/quantity.ts';
import { ownValue } from '#base/own-value.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { requestBytesMax } from '../../storage/write/object-size.ts';

/** More than so many problems are not looked for: items times containers may be millions. */
const problemsMax = 1000;
const annotation = 'kubernetes.io/limit-ranger';
const name = 'LimitRanger';

export function limitRanger(reader: ObjectReader): AdmissionPlugin[] {
  const itemsOf = ({ namespace }: AdmissionAttributes) =>
    readObjects(reader, limitRanges, namespace).flatMap((range) => range.spec?.limits ?? []);
  const check = (attributes: AdmissionAttributes, problemsOf: (items: LimitRangeItem[]) => string[]) => {
    if (attributes.oldObject?.metadata?.deletionTimestamp) return;
    const problems = problemsOf(itemsOf(attributes));
    if (problems.length === 0) return;
    throw forbidden(attributes.type, attributes.name, aggregateText(problems));
  };
  const ofPods = defineAdmission({
    name,
    rules: [
      { operations: ['CREATE'], apiGroups: [''], resources: ['pods'] },
      { operations: ['UPDATE'], apiGroups: [''], resources: ['pods/resize'] },
    ],
    mutate(attributes) {
      const { object, oldObject } = attributes;
      if (oldObject?.metadata?.deletionTimestamp) return;
      const defaults = itemsOf(attributes).filter((item) => item.type === 'Container');
      if (defaults.length > 0) applyDefaults(object as Pod, defaults);
    },
    validate: (attributes) => check(attributes, (items) => podProblems(attributes.object as Pod, items)),
  });
  const ofClaims = defineAdmission({
    name,
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['persistentvolumeclaims'] }],
    validate: (attributes) =>
      check(attributes, (items) => claimProblems(attributes.object as PersistentVolumeClaim, items)),
  });
  return [ofPods, ofClaims];
}

function applyDefaults(pod: Pod, items: readonly LimitRangeItem[]): void {
  const notes: string[] = [];
  let noteBytes = 0;
  let noted = 0;
  const apply = (container: Container, what: string) => {
    for (const item of items) {
      // Each note stands for what was set, so the pod is at least as large.
      for (; noted < notes.length; noted++) noteBytes += notes[noted]!.length;
      if (noteBytes > requestBytesMax) throw unknownError('etcdserver: request is too large');
      container.resources ??= {};
      const { resources } = container;
      const setRequests = fill(resources, 'requests', item.defaultRequest);
      const setLimits = fill(resources, 'limits', item.default);
      if (setRequests.length > 0) {
        notes.push(`${setRequests.join(', ')} request for ${what} ${container.name}`);
      }
      if (setLimits.length > 0) notes.push(`${setLimits.join(', ')} limit for ${what} ${container.name}`);
    }
  };
  for (const container of pod.spec?.containers ?? []) apply(container, 'container');
  for (const container of pod.spec?.initContainers ?? []) apply(container, 'init container');
  if (notes.length === 0) return;
  pod.metadata ??= {};
  const text = `LimitRanger plugin set: ${notes.join('; ')}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: text };
}

function fill(
  resources: ResourceRequirements,
  field: 'requests' | 'limits',
  defaults: Record<string, string> | undefined,
): string[] {
  const given = resources[field] ?? {};
  const missing = Object.keys(defaults ?? {}).filter((name) => given[name] === undefined);
  if (missing.length === 0) return [];
  const added = Object.fromEntries(missing.map((name) => [name, defaults![name]!]));
  resources[field] = { ...resources[field], ...added };
  return missing.sort();
}

function podProblems(pod: Pod, items: readonly LimitRangeItem[]): string[] {
  const problems: string[] = [];
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  let totals: ResourceRequirements | undefined;
  for (const item of items) {
    if (item.type === 'Container') {
      for (const container of containers) {
        problems.push(...outside(item, container.resources ?? {}));
        if (problems.length >= problemsMax) return problems.slice(0, problemsMax);
      }
    }
    if (item.type === 'Pod') {
      totals ??= totalsOf(pod);
      problems.push(...outside(item, totals));
    }
  }
  return problems;
}

/**
 * Upstream's LimitRanger counts in its own way: without overhead, and of the pod as a whole only cpu and
 * memory.
 */
function totalsOf(pod: Pod): ResourceRequirements {
  const options = { excludeOverhead: true, podLevel: (name: string) => name === 'cpu' || name === 'memory' };
  return {
    requests: amountTexts(podRequests(exactAmounts, pod, options)),
    limits: amountTexts(podLimits(exactAmounts, pod, options)),
  };
}

function claimProblems(claim: PersistentVolumeClaim, items: readonly LimitRangeItem[]): string[] {
  const requests = claim.spec?.resources?.requests ?? {};
  return items
    .filter((item) => item.type === 'PersistentVolumeClaim')
    .flatMap((item) => claimOutside(item, requests));
}

function claimOutside(item: LimitRangeItem, requests: Record<string, string>): string[] {
  const problems: string[] = [];
  for (const [name, min] of Object.entries(item.min ?? {})) {
    problems.push(...belowMin(item.type, name, min, { requests }));
  }
  for (const [name, max] of Object.entries(item.max ?? {})) {
    const value = ownValue(requests, name);
    if (value !== undefined && parseQuantity(value).compare(parseQuantity(max)) > 0) {
      problems.push(
        `maximum ${name} usage per ${item.type} is ${shown(max)}, but request is ${shown(value)}`,
      );
    }
  }
  return problems;
}

function outside(item: LimitRangeItem, resources: ResourceRequirements): string[] {
  const problems: string[] = [];
  for (const [name, min] of Object.entries(item.min ?? {})) {
    problems.push(...belowMin(item.type, name, min, resources));
  }
  for (const [name, max] of Object.entries(item.max ?? {})) {
    problems.push(...aboveMax(item.type, name, max, resources));
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    problems.push(...aboveRatio(item.type, name, ratio, resources));
  }
  return problems;
}

function belowMin(type: string, name: string, min: string, resources: ResourceRequirements): string[] {
  const request = resources.requests?.[name];
  const limit = resources.limits?.[name];
  const text = `minimum ${name} usage per ${type} is ${shown(min)}`;
  if (request === undefined) return [`${text}.  No request is specified`];
  if (parseQuantity(request).compare(parseQuantity(min)) < 0) {
    return [`${text}, but request is ${shown(request)}`];
  }
  if (limit !== undefined && parseQuantity(limit).compare(parseQuantity(min)) < 0) {
    return [`${text}, but limit is ${shown(limit)}`];
  }
  return [];
}

function aboveMax(type: string, name: string, max: string, resources: ResourceRequirements): string[] {
  const request = resources.requests?.[name];
  const limit = resources.limits?.[name];
  const text = `maximum ${name} usage per ${type} is ${shown(max)}`;
  if (limit === undefined) return [`${text}.  No limit is specified`];
  if (parseQuantity(limit).compare(parseQuantity(max)) > 0) return [`${text}, but limit is ${shown(limit)}`];
  if (request !== undefined && parseQuantity(request).compare(parseQuantity(max)) > 0) {
    return [`${text}, but request is ${shown(request)}`];
  }
  return [];
}

function aboveRatio(type: string, name: string, ratio: string, resources: ResourceRequirements): string[] {
  const request = quantityMilliValue(resources.requests?.[name]);
  const limit = quantityMilliValue(resources.limits?.[name]);
  const text = `${name} max limit to request ratio per ${type} is ${shown(ratio)}`;
  if (request === 0) return [`${text}, but no request is specified or request is 0`];
  if (limit === 0) return [`${text}, but no limit is specified or limit is 0`];
  const actual = limit / request;
  return actual > quantityMilliValue(ratio) / 1000
    ? [`${text}, but provided ratio is ${actual.toFixed(6)}`]
    : [];
}

const shown = canonicalQuantity;
