/** Which pods belong to a node. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { NodePod } from '../pod/pod.ts';

interface PodHandlers {
  onPod(pod: NodePod): void;
  onGone(pod: NodePod): void;
}

export interface PodSource {
  subscribe(nodeName: string, handlers: PodHandlers): () => void;
  synced(): Promise<void>;
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
