/**
 * Distributes endpoints over slices with as few writes as upstream makes.
 *
 *   1. by address type and set of ports: keep wanted endpoints where they are, remove the others
 *   2. add new endpoints to slices that change anyway, then to one that has room for all of them, then to new
 *      slices
 *   3. slices left empty are reused for new ones, or deleted
 */

import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { canonicalJson } from '../shared/sorted-json.ts';

export interface SliceGroup {
  readonly addressType: string;
  readonly ports: DiscoveryV1EndpointPort[];
  readonly endpoints: Endpoint[];
}

export interface SliceInput {
  readonly existing: readonly Stored<EndpointSlice>[];
  readonly groups: readonly SliceGroup[];
  /** Wanted metadata of every slice: labels are exact, annotations are set beside others. */
  readonly metadata: Pick<
    ObjectMeta,
    'generateName' | 'namespace' | 'labels' | 'ownerReferences' | 'annotations'
  >;
  /** Undefined removes the annotation. */
  readonly triggerTime: { readonly annotation: string; readonly value: string | undefined };
  readonly endpointsMax: number;
}

export interface SliceLayout {
  readonly create: EndpointSlice[];
  readonly update: Stored<EndpointSlice>[];
  readonly delete: Stored<EndpointSlice>[];
}

interface Draft {
  readonly stored: Stored<EndpointSlice>;
  endpoints: Endpoint[];
  isChanged: boolean;
}

export function layOutSlices(input: SliceInput): SliceLayout {
  const layout: SliceLayout = { create: [], update: [], delete: [] };
  const left = new Map<string, Stored<EndpointSlice>[]>();
  for (const slice of input.existing) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    left.set(key, [...(left.get(key) ?? []), slice]);
  }
  for (const group of input.groups) {
    const key = groupKey(group.addressType, group.ports);
    layOutGroup(group, left.get(key) ?? [], input, layout);
    left.delete(key);
  }
  for (const slices of left.values()) layout.delete.push(...slices);
  reuseDeleted(layout, input);
  return layout;
}

export function groupKey(addressType: string, ports: readonly DiscoveryV1EndpointPort[]): string {
  return `${addressType} ${ports.map(canonicalJson).sort().join(' ')}`;
}

function layOutGroup(
  group: SliceGroup,
  slices: readonly Stored<EndpointSlice>[],
  input: SliceInput,
  layout: SliceLayout,
): void {
  const wanted = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = slices.map((stored) => keepWanted(stored, wanted, input));
  let rest = [...wanted.values()];
  const changed = drafts.filter((draft) => draft.isChanged && draft.endpoints.length > 0);
  for (const draft of changed.sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    rest = fill(draft, rest, input);
  }
  while (rest.length > 0) {
    const roomy = fittest(drafts, rest.length, input.endpointsMax);
    if (roomy) rest = fill(roomy, rest, input);
    else layout.create.push(newSlice(group, rest.splice(0, input.endpointsMax), input));
  }
  for (const draft of drafts) {
    const isPlaceholder = group.endpoints.length === 0 && draft === drafts[0];
    if (draft.endpoints.length === 0 && !isPlaceholder) layout.delete.push(draft.stored);
    else if (draft.isChanged) layout.update.push(updated(draft.stored, group, draft.endpoints, input));
  }
  if (group.endpoints.length === 0 && drafts.length === 0) layout.create.push(newSlice(group, [], input));
}

/** Removes the endpoints that it keeps from `wanted`. */
function keepWanted(stored: Stored<EndpointSlice>, wanted: Map<string, Endpoint>, input: SliceInput): Draft {
  const endpoints: Endpoint[] = [];
  let isChanged = !deepEqual(stored.metadata.labels, input.metadata.labels);
  for (const endpoint of stored.endpoints ?? []) {
    const identity = identityOf(endpoint);
    const now = wanted.get(identity);
    if (!now || !deepEqual(endpoint, now)) isChanged = true;
    if (!now) continue;
    endpoints.push(now);
    wanted.delete(identity);
  }
  return { stored, endpoints, isChanged };
}

/** The same backend, even if its conditions, zone or hints have changed. */
function identityOf({ addresses, hostname, targetRef }: Endpoint): string {
  return [addresses.join(), hostname, targetRef?.namespace, targetRef?.name].join('|');
}

function fill(draft: Draft, rest: Endpoint[], input: SliceInput): Endpoint[] {
  const room = Math.max(0, input.endpointsMax - draft.endpoints.length);
  if (room === 0 || rest.length === 0) return rest;
  draft.endpoints = [...draft.endpoints, ...rest.slice(0, room)];
  draft.isChanged = true;
  return rest.slice(room);
}

/** The fullest slice that has room for all of them. */
function fittest(drafts: readonly Draft[], count: number, endpointsMax: number): Draft | undefined {
  const fitting = drafts.filter(
    ({ endpoints }) => endpoints.length > 0 && endpoints.length + count <= endpointsMax,
  );
  return fitting.sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

function newSlice(group: SliceGroup, endpoints: Endpoint[], input: SliceInput): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...input.metadata, ...withAnnotations({}, input) },
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  };
}

function updated(
  stored: Stored<EndpointSlice>,
  group: Pick<SliceGroup, 'ports'>,
  endpoints: Endpoint[],
  input: SliceInput,
): Stored<EndpointSlice> {
  const { annotations = {}, ...metadata } = stored.metadata;
  const { labels, ownerReferences } = input.metadata;
  return {
    ...stored,
    metadata: {
      ...metadata,
      ...(labels ? { labels } : {}),
      ...(ownerReferences ? { ownerReferences } : {}),
      ...withAnnotations(annotations, input),
    },
    endpoints,
    ports: group.ports,
  };
}

function withAnnotations(before: Record<string, string>, input: SliceInput): Pick<ObjectMeta, 'annotations'> {
  const { annotation, value } = input.triggerTime;
  const { [annotation]: _old, ...others } = { ...before, ...input.metadata.annotations };
  const annotations = value === undefined ? others : { ...others, [annotation]: value };
  return Object.keys(annotations).length > 0 ? { annotations } : {};
}

/** One write instead of two, and the service always has a slice. */
function reuseDeleted(layout: SliceLayout, input: SliceInput): void {
  for (const slice of [...layout.create]) {
    const at = layout.delete.findIndex(({ addressType }) => addressType === slice.addressType);
    if (at === -1) continue;
    const [stored] = layout.delete.splice(at, 1);
    layout.create.splice(layout.create.indexOf(slice), 1);
    layout.update.push(updated(stored!, { ports: slice.ports ?? [] }, slice.endpoints ?? [], input));
  }
}
