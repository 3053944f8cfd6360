/** The allocation of a claim as its status has it: devices, configuration, and the nodes that can use them. */

import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NodeSelector,
  NodeSelectorRequirement,
} from '#api/generated/types.gen.ts';
import type { Chosen } from './being-allocated.ts';
import type { PreparedClaim } from './prepare-claims.ts';
import type { Request } from './request.ts';

/** `newShareId`: makes a UID. */
export function allocationResult(
  claim: PreparedClaim,
  chosen: readonly Chosen[],
  node: string,
  newShareId: () => string,
): AllocationResult {
  const config = configurations(claim, chosenRequests(claim, chosen));
  const nodeSelector = nodeSelectorOf(chosen, node);
  return {
    devices: {
      results: chosen.map((each) => resultOf(each, newShareId)),
      ...(config.length > 0 ? { config } : {}),
    },
    ...(nodeSelector ? { nodeSelector } : {}),
  };
}

function resultOf(
  { request, candidate, share }: Chosen,
  newShareId: () => string,
): DeviceRequestAllocationResult {
  const { device, pool } = candidate;
  const { bindingConditions, bindingFailureConditions } = device;
  const consumed = [...(share ?? [])].map(([name, amount]) => [name, amount.toString()] as const);
  return {
    request: request.reference,
    driver: pool.driver,
    pool: pool.name,
    device: device.name,
    ...(request.hasAdminAccess ? { adminAccess: true } : {}),
    ...(request.tolerations?.length ? { tolerations: request.tolerations } : {}),
    ...(bindingConditions?.length ? { bindingConditions } : {}),
    ...(bindingFailureConditions?.length ? { bindingFailureConditions } : {}),
    ...(share ? { shareID: newShareId() } : {}),
    ...(consumed.length > 0 ? { consumedCapacity: Object.fromEntries(consumed) } : {}),
  };
}

/** The alternative of each request that was taken. */
function chosenRequests({ requests }: PreparedClaim, chosen: readonly Chosen[]): Request[] {
  const taken = new Set(chosen.map(({ request }) => request));
  return requests.flatMap(({ alternatives }) => alternatives.filter((request) => taken.has(request)));
}

/** Those of the classes, each once for all requests of its class, then those of the claim. */
function configurations(
  { claim, requests }: PreparedClaim,
  taken: readonly Request[],
): DeviceAllocationConfiguration[] {
  const byClass = Map.groupBy(taken, ({ deviceClass }) => deviceClass.metadata?.name);
  const ofClasses = [...byClass.values()].flatMap((sameClass) =>
    (sameClass[0]?.deviceClass.spec.config ?? []).map((config) => ({
      ...config,
      source: 'FromClass',
      requests: sameClass.map(({ reference }) => reference),
    })),
  );
  const ofClaim = (claim.spec.devices?.config ?? []).flatMap((config) => {
    const entry = { ...config, source: 'FromClaim' };
    if (!config.requests?.length) return [entry];
    const meant = config.requests;
    const references = requests.map(({ name, alternatives }) => [
      name,
      ...alternatives.filter((request) => taken.includes(request)).map(({ reference }) => reference),
    ]);
    return references.filter((names) => names.some((name) => meant.includes(name))).map(() => entry);
  });
  return [...ofClasses, ...ofClaim];
}

/** Undefined when all nodes can use the devices. */
function nodeSelectorOf(chosen: readonly Chosen[], node: string): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = [];
  const matchExpressions: NodeSelectorRequirement[] = [];
  for (const { candidate } of chosen) {
    const { slice, device } = candidate;
    const { nodeName, nodeSelector } = slice.spec.perDeviceNodeSelection ? device : slice.spec;
    if (nodeName || device.bindsToNode) return onlyNode(node);
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(matchFields, term?.matchFields ?? []);
    addNew(matchExpressions, term?.matchExpressions ?? []);
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined;
  const fields = matchFields.length > 0 ? { matchFields } : {};
  const expressions = matchExpressions.length > 0 ? { matchExpressions } : {};
  return { nodeSelectorTerms: [{ ...fields, ...expressions }] };
}

function onlyNode(name: string): NodeSelector {
  return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }] };
}

function addNew(to: NodeSelectorRequirement[], from: readonly NodeSelectorRequirement[]): void {
  for (const requirement of from) {
    if (!to.some((known) => areEqual(known, requirement))) to.push(requirement);
  }
}

/** In whatever order the values are. */
function areEqual(a: NodeSelectorRequirement, b: NodeSelectorRequirement): boolean {
  const [mine, others] = [new Set(a.values ?? []), new Set(b.values ?? [])];
  return a.key === b.key && a.operator === b.operator && mine.symmetricDifference(others).size === 0;
}
