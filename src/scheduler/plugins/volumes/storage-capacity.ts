/** May a provisioner create a volume for a node: does its class allow the node, and is there room? */

import type {
  CSIStorageCapacity,
  PersistentVolumeClaim,
  StorageClass,
  TopologySelectorTerm,
} from '#api/generated/types.gen.ts';
import { type Labels, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import { parseQuantity } from '#api/values/quantity.ts';
import { requestedSize } from '#api/volumes/match.ts';
import type { Listers } from '../../cache/listers.ts';

/** Terms are alternatives; none allow every node, an empty one allows none. */
export function allowsNode(terms: readonly TopologySelectorTerm[] | undefined, labels: Labels): boolean {
  if (!terms || terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions: expressions = [] }) => {
    const holds = expressions.every(
      ({ key, values }) => labels[key] !== undefined && values.includes(labels[key]),
    );
    return expressions.length > 0 && holds;
  });
}

/** Compiled once for a claim. Room is a question only for CSI drivers that publish what they have. */
export function roomFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  listers: Listers,
): (nodeLabels: Labels) => boolean {
  const isKnown = listers.csiDriver(storageClass.provisioner)?.spec.storageCapacity === true;
  if (!isKnown || claim.spec?.resources?.requests?.storage === undefined) return () => true;
  const size = requestedSize(claim).units();
  const segments = listers
    .storageCapacities(storageClass.metadata?.name ?? '')
    .filter((capacity) => (limitOf(capacity) ?? -1n) >= size)
    .flatMap(({ nodeTopology }) => (nodeTopology ? [selectorFromLabelSelector(nodeTopology)] : []));
  return (nodeLabels) => segments.some((segment) => segment.matches(nodeLabels));
}

/** The largest volume that can be created, bytes. */
export function limitOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): bigint | undefined {
  const text = maximumVolumeSize ?? capacity;
  return text === undefined ? undefined : parseQuantity(text).units();
}
