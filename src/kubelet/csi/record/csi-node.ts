/**
 * What this node's CSINode and Node say of a CSI driver: pure changes of both objects. Upstream:
 * pkg/volume/csi/nodeinfomanager.
 */

import type { CSINode, CSINodeDriver, Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { inTreePlugins } from '#api/volumes/in-tree/in-tree-plugins.ts';
import { errorText } from '#base/text/error-text.ts';
import type { DriverNodeInfo } from '../node-calls.ts';

const nodeIdAnnotation = 'csi.volume.kubernetes.io/nodeid';
const migratedAnnotation = 'storage.alpha.kubernetes.io/migrated-plugins';
/** In-tree plugins whose volumes are their CSI drivers' now. */
const migratedPlugins = inTreePlugins.map(({ name }) => name).join(',');
const countMax = 2 ** 31 - 1;

export function newCsiNode(node: Stored<Node>): CSINode {
  const { name, uid } = node.metadata;
  return {
    metadata: {
      name,
      annotations: { [migratedAnnotation]: migratedPlugins },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { drivers: [] },
  };
}

/** A CSINode outlives the Node that it was made for by a moment, until it is collected as garbage. */
export function belongsTo(csiNode: Stored<CSINode>, node: Stored<Node>): boolean {
  return (csiNode.metadata.ownerReferences ?? []).some(
    ({ kind, name, uid }) => kind === 'Node' && name === node.metadata.name && uid === node.metadata.uid,
  );
}

/** The CSINode as it must be now; undefined when it is so already. */
export function withMigratedPlugins(csiNode: Stored<CSINode>): Stored<CSINode> | undefined {
  const { annotations } = csiNode.metadata;
  if (annotations?.[migratedAnnotation] === migratedPlugins) return undefined;
  const metadata = {
    ...csiNode.metadata,
    annotations: { ...annotations, [migratedAnnotation]: migratedPlugins },
  };
  return { ...csiNode, metadata };
}

/** With the driver last, as upstream; undefined when it is listed so already. */
export function withDriver(
  csiNode: Stored<CSINode>,
  name: string,
  { nodeId, maxVolumesPerNode, topology }: DriverNodeInfo,
): Stored<CSINode> | undefined {
  const count = Math.min(maxVolumesPerNode, countMax);
  const driver: CSINodeDriver = {
    name,
    nodeID: nodeId,
    topologyKeys: Object.keys(topology).sort(),
    ...(count > 0 ? { allocatable: { count } } : {}),
  };
  const drivers = driversOf(csiNode);
  const listed = drivers.find((other) => other.name === name);
  if (listed && meaningOf(listed) === meaningOf(driver)) return undefined;
  return { ...csiNode, spec: { drivers: [...drivers.filter((other) => other.name !== name), driver] } };
}

function meaningOf({ nodeID, topologyKeys, allocatable }: CSINodeDriver): string {
  return JSON.stringify([nodeID, topologyKeys?.toSorted() ?? [], allocatable?.count ?? null]);
}

export function withoutDriver(csiNode: Stored<CSINode>, name: string): Stored<CSINode> | undefined {
  const drivers = driversOf(csiNode).filter((driver) => driver.name !== name);
  return drivers.length === driversOf(csiNode).length ? undefined : { ...csiNode, spec: { drivers } };
}

function driversOf({ spec }: Stored<CSINode>): readonly CSINodeDriver[] {
  return spec.drivers ?? [];
}

/** A merge patch of the Node's metadata; undefined when there is nothing to change. */
export interface NodePatch {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string | null>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Throws when the driver reports another value of a topology label than the Node has. */
export function patchForDriver(
  node: Stored<Node>,
  name: string,
  { nodeId, topology }: DriverNodeInfo,
): NodePatch | undefined {
  const ids = nodeIdsOf(node);
  const labels = Object.entries(topology).filter(([key, value]) => {
    const current = node.metadata.labels?.[key];
    if (current !== undefined && current !== value) {
      const existing = `existing label is "${key}":"${current}"`;
      throw new Error(
        `detected topology value collision: driver reported "${key}":"${value}" but ${existing}`,
      );
    }
    return current === undefined;
  });
  const annotations =
    ids[name] === nodeId
      ? {}
      : { annotations: { [nodeIdAnnotation]: sortedJson({ ...ids, [name]: nodeId }) } };
  const metadata = { ...annotations, ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}) };
  return Object.keys(metadata).length > 0 ? { metadata } : undefined;
}

export function patchWithoutDriver(node: Stored<Node>, name: string): NodePatch | undefined {
  const { [name]: removed, ...others } = nodeIdsOf(node);
  if (removed === undefined) return undefined;
  const value = Object.keys(others).length > 0 ? sortedJson(others) : null;
  return { metadata: { annotations: { [nodeIdAnnotation]: value } } };
}

function nodeIdsOf(node: Stored<Node>): Record<string, string> {
  const text = node.metadata.annotations?.[nodeIdAnnotation];
  if (!text) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (error) {
    const value = `annotation value (${JSON.stringify(text)}) err=${errorText(error)}`;
    throw new Error(`failed to parse node's "${nodeIdAnnotation}" ${value}`);
  }
}

/** As Go prints a map. */
function sortedJson(ids: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(ids).sort(([a], [b]) => (a < b ? -1 : 1))));
}
