/** How far a resize of a pod has come. */

export interface ResizeCondition {
  readonly reason?: string;
  readonly message?: string;
  /** Of the pod's spec that it is about. */
  readonly generation: number;
}

/**
 * How far a resize of the pod has come: the source of its conditions PodResizePending and
 * PodResizeInProgress.
 */
export interface ResizeState {
  /** Not granted yet. */
  readonly pending?: ResizeCondition;
  /** Granted, but some container does not run with it yet; with what went wrong. */
  readonly inProgress?: ResizeCondition;
}
