/** Which pods belong to a node: by a selecting informer of its own, or by one that many simulated nodes share. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { InformerHandlers, Informers } from '#client/informers/informer.ts';
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

/** One subscription to all pods, handed on by node name. */
export function sharedPods(informers: Informers): PodSource {
  const informer = informers.for(pods);
  const byNode = new Map<string, PodHandlers>();
  const indexName = 'kubelet/nodeName';
  informer.addIndex(indexName, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
  const toNode = (pod: Pod) => byNode.get(pod.spec?.nodeName ?? '');
  const handlers: InformerHandlers<Pod> = {
    onAdd: (pod) => toNode(pod)?.onPod(pod as NodePod),
    onUpdate: (old, pod) => {
      if (old.metadata.uid !== pod.metadata.uid) toNode(old)?.onGone(old as NodePod);
      toNode(pod)?.onPod(pod as NodePod);
    },
    onDelete: (pod) => toNode(pod)?.onGone(pod as NodePod),
  };
  informer.subscribe(handlers);
  return {
    synced: () => informer.synced(),
    subscribe(nodeName, podHandlers) {
      byNode.set(nodeName, podHandlers);
      for (const pod of informer.byIndex(indexName, nodeName)) podHandlers.onPod(pod as NodePod);
      return () => byNode.delete(nodeName);
    },
  };
}
