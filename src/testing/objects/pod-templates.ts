/** Two pod templates as the API server stores them: a minimal one, and one that uses nearly every field. */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';

export const small: PodTemplateSpec = {
  spec: {
    containers: [
      {
        name: 'c',
        image: 'web:1',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      },
    ],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  },
  metadata: { labels: { a: 't0' } },
};

export const large: PodTemplateSpec = {
  metadata: {
    labels: { '9': 'y', '10': 'x', a: 't1', B: 'z' },
    annotations: { e: 'é<b>& ', q: 'tab\tquote"bs\\' },
  },
  spec: {
    terminationGracePeriodSeconds: 9007199254740991,
    nodeSelector: { '2': 'b', '10': 'a' },
    containers: [
      {
        name: 'c',
        image: 'web:1',
        command: ['sh', '-c', 'a && b > c < d'],
        args: ['x'],
        env: [
          { name: 'A' },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } },
          { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
        ],
        ports: [
          { containerPort: 80, protocol: 'TCP' },
          { name: 'dns', containerPort: 53, protocol: 'UDP', hostPort: 53 },
        ],
        resources: {
          requests: { cpu: '100m', memory: '1Gi' },
          limits: { cpu: '1500m', memory: '1073741824', 'ephemeral-storage': '1536Mi' },
        },
        livenessProbe: {
          httpGet: { port: 'http', path: '/x', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        readinessProbe: {
          tcpSocket: { port: 80 },
          initialDelaySeconds: 3,
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        startupProbe: {
          exec: { command: ['true'] },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        volumeMounts: [
          { name: 'v', mountPath: '/v', readOnly: true },
          { name: 'e', mountPath: '/e', subPath: 'x' },
        ],
        securityContext: {
          runAsUser: 0,
          runAsNonRoot: false,
          capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
          privileged: false,
        },
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    initContainers: [
      {
        name: 'i',
        image: 'web',
        restartPolicy: 'Always',
        imagePullPolicy: 'Always',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      },
    ],
    volumes: [
      { name: 'v', configMap: { name: 'cm', items: [{ key: 'k', path: 'p' }], defaultMode: 420 } },
      { name: 'e', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'h', hostPath: { path: '/x', type: '' } },
      {
        name: 'p',
        projected: {
          sources: [
            { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
            {
              downwardAPI: {
                items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels', apiVersion: 'v1' } }],
              },
            },
          ],
          defaultMode: 420,
        },
      },
      { name: 's', secret: { secretName: 's', defaultMode: 0 } },
    ],
    tolerations: [{ operator: 'Exists' }, { key: 'k', effect: 'NoExecute', tolerationSeconds: 0 }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] }],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'z', labelSelector: { matchLabels: { a: 'b' } } } },
        ],
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'z',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { a: 'b' } },
      },
    ],
    securityContext: {
      fsGroup: 1,
      supplementalGroups: [1, 2],
      sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
    },
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['h'] }],
    dnsConfig: { options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] },
    imagePullSecrets: [{ name: 's' }],
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    readinessGates: [{ conditionType: 'x/y' }],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
  },
};
