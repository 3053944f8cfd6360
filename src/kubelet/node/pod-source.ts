/** Which pods belong to a node. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { NodePod } from '../pod/pod.ts';

export interface PodHandlers {
  onPod(pod: NodePod): void;
  onGone(pod: NodePod): void;
  /** Nothing is left on the node of a pod that `onGone` was called for. */
  isGone(uid: string): boolean;
  /** The API has a new mirror of this static pod, without a status. */
  onMirror(pod: NodePod): void;
}

export interface PodSource {
  subscribe(nodeName: string, handlers: PodHandlers): () => void;
  synced(): Promise<void>;
  /** Under which uid the API has a static pod, if it has it; absent where there are none. */
  mirrorUid?(pod: NodePod): string | undefined;
}

export function ownPods(informers: Informers, nodeName: string): PodSource {
  const informer = informers.for(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  return {
    synced: () => informer.synced(),
    subscribe(_, handlers) {
      return informer.subscribe({
        onAdd: (pod) => handlers.onPod(pod as NodePod),
        onUpdate: (old, pod) => {
          if (old.metadata.uid !== pod.metadata.uid) handlers.onGone(old as NodePod);
          handlers.onPod(pod as NodePod);
        },
        onDelete: (pod) => handlers.onGone(pod as NodePod),
      });
    },
  };
}
