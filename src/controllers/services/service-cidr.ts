/**
 * Reports whether a ServiceCIDR is in use, and keeps a deleted one until no IPAddress depends on it.
 *
 * Reads ServiceCIDRs and IPAddresses; writes the condition Ready and the finalizer
 * networking.k8s.io/service-cidr-finalizer. Follows upstream's service-cidr-controller.
 */

import { ipAddresses, serviceCIDRs } from '#api/generated/kinds.gen.ts';
import type { Condition, IPAddress, ServiceCIDR } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { parseCidr, parseIp } from '#api/values/ip.ts';
import { rangeContains, rangeHasHost, rangesOverlap } from '#api/values/ip-range.ts';
import { rfc3339 } from '#base/clock.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { isMarked, mark, unmark } from '../shared/protection-finalizer.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
/** By then every API server has observed that no address may be allocated from it any more. */
const deletionGraceMs = 10_000;

const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const terminating = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

type Range = Stored<ServiceCIDR>;

export const serviceCidr = defineController({
  name: 'service-cidr-controller',
  identity: 'service-cidrs-controller',
  start({ env, informers }) {
    const ranges = informers.for(serviceCIDRs);
    const addresses = informers.for(ipAddresses);
    return {
      watches: [
        watch({ type: serviceCIDRs }),
        watch({
          type: serviceCIDRs,
          on: ['listed', 'added', 'deleted'],
          keys: (range) => overlapping(range, ranges.list()).map(keyOf),
        }),
        watch({
          type: ipAddresses,
          on: ['listed', 'added', 'deleted'],
          // Addresses matter only to ranges that wait for their end.
          keys: (address) => holding(address, ranges.list().filter(isTerminating)).map(keyOf),
        }),
      ],
      reconcile(name) {
        const range = ranges.get(undefined, name);
        if (!range) return nothingToDo;
        const depending = isTerminating(range) ? addresses.list() : [];
        return planServiceCidr(range, ranges.list(), depending, env.clock.now());
      },
    };
  },
});

export function planServiceCidr(
  range: Range,
  ranges: readonly Range[],
  addresses: readonly Stored<IPAddress>[],
  nowMs: number,
): Plan {
  const { deletionTimestamp } = range.metadata;
  if (!deletionTimestamp) {
    const marking = isMarked(range, finalizer) ? [] : [mark(serviceCIDRs, range, finalizer)];
    return { actions: [...marking, ...setCondition(range, ready, nowMs)] };
  }
  if (!mayGo(range, ranges, addresses)) return { actions: setCondition(range, terminating, nowMs) };
  const leftMs = Date.parse(deletionTimestamp) + deletionGraceMs - nowMs;
  if (leftMs > 0) return { actions: [], againInMs: leftMs };
  return { actions: isMarked(range, finalizer) ? [unmark(serviceCIDRs, range, finalizer)] : [] };
}

/** Another range contains it, or no address would be left without a range. */
function mayGo(range: Range, ranges: readonly Range[], addresses: readonly Stored<IPAddress>[]): boolean {
  const others = ranges.filter(({ metadata }) => metadata.name !== range.metadata.name);
  const isContained = cidrsOf(range).every((cidr) =>
    others.some((other) => cidrsOf(other).some((outer) => rangeContains(outer, cidr))),
  );
  if (isContained) return true;
  return !addresses.some((address) => {
    const holders = holding(address, ranges);
    return holders.length === 1 && holders[0]!.metadata.name === range.metadata.name;
  });
}

function setCondition(range: Range, wanted: Condition | typeof ready, nowMs: number): Action[] {
  const found = conditionOf(range.status, wanted.type);
  const isSame =
    found?.status === wanted.status &&
    (found.reason ?? '') === wanted.reason &&
    found.message === wanted.message;
  if (isSame) return [];
  const others = (range.status?.conditions ?? []).filter(({ type }) => type !== wanted.type);
  const condition = { ...wanted, lastTransitionTime: rfc3339(nowMs) };
  // A patch, since the finalizer may just have been added.
  const patch = { status: { conditions: [...others, condition] } };
  const target = targetOf(serviceCIDRs, range);
  return [{ do: 'patch', ...target, patchType: 'merge', patch, subresource: 'status' }];
}

function isTerminating({ metadata }: Range): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function overlapping(range: Range, ranges: readonly Range[]): Range[] {
  const own = cidrsOf(range);
  return ranges.filter((other) =>
    cidrsOf(other).some((cidr) => own.some((mine) => rangesOverlap(mine, cidr))),
  );
}

/** The ranges that can contain the address. */
function holding({ metadata }: Stored<IPAddress>, ranges: readonly Range[]): Range[] {
  if (metadata.labels?.['ipaddress.kubernetes.io/managed-by'] !== 'ipallocator.k8s.io') return [];
  const address = parseIp(metadata.name);
  if (!address) return [];
  return ranges.filter((range) => cidrsOf(range).some((cidr) => rangeHasHost(cidr, address)));
}

function cidrsOf({ spec }: ServiceCIDR) {
  return (spec?.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);
}
