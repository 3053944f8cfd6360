/**
 * What gives the pods of a real node their addresses, beside the runtime: upstream's CNI provider, which
 * watches the node.
 */

export interface PodNetwork {
  /**
   * Pods get addresses from these ranges from now on. Empty: the node has none yet, and a range that an
   * earlier node on this machine had counts no more. Harmless when nothing has changed.
   */
  use(podCidrs: readonly string[]): Promise<void>;
}
