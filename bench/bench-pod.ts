/** The pod of the API server's benchmarks. */

import type { Pod } from '#api/generated/types.gen.ts';

/** About 3 kB, like a pod of a real cluster. */
export function benchPod(namespace: string, name: string): Pod {
  const env = Array.from({ length: 25 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `value-of-setting-${i}-${'x'.repeat(24)}`,
  }));
  return {
    metadata: {
      name,
      namespace,
      labels: { app: 'bench', tier: 'backend' },
      annotations: { note: 'y'.repeat(300) },
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.example/bench/main:1.0',
          env,
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
        },
      ],
    },
  };
}
