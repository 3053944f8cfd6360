/** What the config of a cluster says of a node besides the first. */

export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** What `up` or `node add` has decided. */
export interface NamespaceNode {
  readonly name: string;
  /** From 2 on; unique among the nodes of the cluster, part of the names of its devices. */
  readonly number: number;
  /** On the cluster's link; the node's InternalIP. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly NodeTaint[];
}
