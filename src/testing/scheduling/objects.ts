/** Short builders of nodes and pods for the scheduler's tests and its benchmark. */

import type {
  Affinity,
  Container,
  ContainerImage,
  Node,
  Pod,
  PodSpec,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import type { Random } from '#base/random.ts';
import { PodInfo } from '#scheduler/cache/pod-info.ts';

export interface NodeShape {
  name: string;
  cpu?: string;
  memory?: string;
  pods?: string;
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
  declaredFeatures?: string[];
  images?: ContainerImage[];
  /** Besides cpu, memory and pods. */
  allocatable?: Record<string, string>;
}

export interface PodShape {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  cpu?: string;
  memory?: string;
  initCpu?: string[];
  sidecarCpu?: string[];
  overheadCpu?: string;
  hostPort?: number;
  priority?: number;
  preemptionPolicy?: string;
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  tolerations?: Toleration[];
  spread?: TopologySpreadConstraint[];
  restartsAll?: boolean;
  /** Besides cpu and memory, of the main container. */
  requests?: Record<string, string>;
  metadata?: ObjectMeta;
  /** Fields without a word of their own here. */
  spec?: Partial<PodSpec>;
}

const created = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

export function makeNode(shape: NodeShape): Stored<Node> {
  const { name, cpu = '4', memory = '8Gi', pods = '110', labels, taints, unschedulable } = shape;
  const { declaredFeatures, images, allocatable } = shape;
  return {
    metadata: { name, uid: name, labels: { 'kubernetes.io/hostname': name, ...labels }, ...created },
    spec: { ...(taints ? { taints } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: {
      allocatable: { cpu, memory, pods, ...allocatable },
      ...(declaredFeatures ? { declaredFeatures } : {}),
      ...(images ? { images } : {}),
    },
  };
}

export function makePod(shape: PodShape): PodInfo {
  const { name = 'pod', namespace = 'default', labels = {} } = shape;
  const init = (shape.initCpu ?? []).map((cpu, i) => ({ ...container(`init-${i}`, cpu) }));
  const sidecars = (shape.sidecarCpu ?? []).map((cpu, i) => ({
    ...container(`sidecar-${i}`, cpu),
    restartPolicy: 'Always',
  }));
  const main = container('main', shape.cpu, shape.memory, shape.requests);
  if (shape.hostPort) main.ports = [{ containerPort: shape.hostPort, hostPort: shape.hostPort }];
  if (shape.restartsAll) main.restartPolicyRules = [{ action: 'RestartAllContainers' }];
  const pod: Stored<Pod> = {
    metadata: { name, namespace, uid: `${namespace}/${name}`, labels, ...created, ...shape.metadata },
    spec: {
      containers: [main],
      initContainers: [...sidecars, ...init],
      priority: shape.priority ?? 0,
      schedulerName: 'default-scheduler',
      ...(shape.overheadCpu ? { overhead: { cpu: shape.overheadCpu } } : {}),
      ...(shape.preemptionPolicy ? { preemptionPolicy: shape.preemptionPolicy } : {}),
      ...(shape.nodeName ? { nodeName: shape.nodeName } : {}),
      ...(shape.nodeSelector ? { nodeSelector: shape.nodeSelector } : {}),
      ...(shape.affinity ? { affinity: shape.affinity } : {}),
      ...(shape.tolerations ? { tolerations: shape.tolerations } : {}),
      ...(shape.spread ? { topologySpreadConstraints: shape.spread } : {}),
      ...shape.spec,
    },
  };
  return new PodInfo(pod);
}

function container(name: string, cpu?: string, memory?: string, more?: Record<string, string>): Container {
  const requests = { ...more, ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
  return { name, image: 'registry.example/app:1', resources: { requests }, ports: [] };
}

/** The same sequence in every run. */
export function seeded(seed: number): Random {
  let state = seed;
  const float = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { float, bytes: (length) => new Uint8Array(length), uuid: () => String(float()) };
}
