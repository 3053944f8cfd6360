/** The fields of upstream's KubeletConfiguration that the section `kubelet` takes, under upstream's names. */

import {
  type Arguments,
  durationMs,
  file,
  fixed,
  folder,
  list,
  map,
  text,
  toggle,
  wholeNumber,
} from '../argument.ts';
import { reservedMemory } from './memory.ts';
import { shutdownPeriods } from './shutdown-periods.ts';
import { headers } from './static-pods.ts';

const aBillion = 1_000_000_000;

export const kubeletFields = {
  evictionHard: map(
    'Thresholds of what must be available, else pods are evicted at once. Default memory.available=100Mi, nodefs.available=5%, nodefs.inodesFree=5%, imagefs.available=5%, imagefs.inodesFree=5%; as with upstream a value replaces all of them.',
  ),
  evictionSoft: map(
    'Thresholds that may be met for their evictionSoftGracePeriod before pods are evicted. Default none.',
  ),
  evictionSoftGracePeriod: map('For each signal of evictionSoft how long, such as memory.available=30s.'),
  evictionMinimumReclaim: map(
    'For each signal how much more than the threshold must be available before evictions end. Default 0.',
  ),
  evictionPressureTransitionPeriod: durationMs(
    'How long a pressure condition of the node stays after its threshold was last met. Default 5m.',
  ),
  evictionMaxPodGracePeriod: wholeNumber(
    'Seconds that a pod gets to end when a soft threshold evicts it, unless its own grace period is shorter. Default 0.',
    { min: 0, max: aBillion },
  ),
  kubeReserved: map(
    'What is kept of cpu, memory, ephemeral-storage and pid for the parts of Kubernetes: it is not allocatable.',
  ),
  systemReserved: map(
    'What is kept of cpu, memory, ephemeral-storage and pid for other programs of the machine: it is not allocatable.',
  ),
  cpuManagerPolicy: text(
    'Whether containers of Guaranteed pods that request whole processors have them for themselves (static) or not (none). static needs a reservation of cpu. Default none.',
  ),
  cpuManagerPolicyOptions: map(
    'Of the static policy: full-pcpus-only rejects pods that cannot have whole cores, strict-cpu-reservation keeps the reserved processors free of all pods, prefer-align-cpus-by-uncorecache takes processors of one last-level cache where it can. Default all false.',
  ),
  cpuManagerReconcilePeriod: durationMs(
    'How often running containers are brought to the processors that they may use. Default 10s.',
  ),
  reservedSystemCPUs: text(
    'The processors that no container has for itself, such as 0-1: they take the place of the cpu that kubeReserved and systemReserved reserve. Default the lowest cores, as many as are reserved.',
  ),
  memoryManagerPolicy: text(
    'Whether containers of Guaranteed pods have memory and huge pages of as few NUMA nodes as can be for themselves (Static) or not (None). Static needs reservedMemory. Default None.',
  ),
  reservedMemory: reservedMemory(
    'What is kept of the memory and huge pages of each NUMA node: as much in all as kubeReserved, systemReserved and the hard eviction threshold of memory keep.',
  ),
  topologyManagerPolicy: text(
    'How processors, memory and devices of a pod are aligned to NUMA nodes: none, best-effort, restricted (a pod that cannot be aligned is rejected) or single-numa-node. Default none.',
  ),
  topologyManagerScope: text(
    'What is aligned together: the resources of each container (container) or of the whole pod (pod). Default container.',
  ),
  topologyManagerPolicyOptions: map(
    'prefer-closest-numa-nodes prefers nodes that are close to each other where several are needed; max-allowable-numa-nodes is how many NUMA nodes the machine may have, at least 8, which is the default.',
  ),
  enforceNodeAllocatable: list(
    'Which control groups are limited: that of all pods to what is allocatable (pods), systemReservedCgroup to systemReserved (system-reserved, or system-reserved-compressible for its share of the processors alone), kubeReservedCgroup to kubeReserved (kube-reserved, kube-reserved-compressible), or none of them (none). Default pods.',
  ),
  systemReservedCgroup: text(
    'The control group of other programs of the machine, such as /system.slice; it must exist. Default none.',
  ),
  kubeReservedCgroup: text('The control group of the parts of Kubernetes; it must exist. Default none.'),
  maxPods: wholeNumber('How many pods the node takes. Default 110.', { min: 0, max: aBillion }),
  podPidsLimit: wholeNumber(
    'How many processes and threads a pod may have; -1 as many as the node allows. Default -1.',
    { min: -1, max: aBillion },
  ),
  imageGCHighThresholdPercent: wholeNumber(
    'How full the disk of images may be before those that no container uses are removed, in percent. Default 85.',
    { min: 0, max: 100 },
  ),
  imageGCLowThresholdPercent: wholeNumber('Down to which percentage they are removed then. Default 80.', {
    min: 0,
    max: 100,
  }),
  imageMinimumGCAge: durationMs('How long an image is unused before it may be removed. Default 2m.'),
  imageMaximumGCAge: durationMs(
    'After how long an unused image is removed even if there is room; 0 never. Default 0.',
  ),
  serializeImagePulls: toggle(
    'Pull one image at a time. Default false, with five at a time; with upstream true.',
  ),
  maxParallelImagePulls: wholeNumber('How many images are pulled at a time. Default 5.', {
    min: 1,
    max: aBillion,
  }),
  imageCredentialProviderConfig: file(
    "The CredentialProviderConfig of programs that give passwords for registries, or a folder of several; with upstream the kubelet's flag image-credential-provider-config.",
  ),
  imageCredentialProviderBinDir: text(
    "The folder of these programs, an absolute path; with upstream the kubelet's flag image-credential-provider-bin-dir.",
  ),
  failSwapOn: fixed(
    'Whether a machine with swap space is refused.',
    ['false'],
    'memorySwap says what pods may use of it',
  ),
  memorySwap: map(
    'swapBehavior: NoSwap, or LimitedSwap, which on cgroup v2 lets burstable containers use swap space by what they request of memory. Default NoSwap.',
  ),
  allowedUnsafeSysctls: list(
    'Kernel settings that pods may set besides the safe ones: kernel.msg*, net.core.somaxconn. Default none.',
  ),
  staticPodPath: folder(
    'A folder of manifests, or one manifest, of pods that run whatever the API says; kept absolute. Default none.',
  ),
  fileCheckFrequency: durationMs(
    'How often the manifests of static pods are read again, besides when they change. Default 20s.',
  ),
  staticPodURL: text(
    'An HTTP or HTTPS address that answers with a Pod or a PodList, whose pods run whatever the API says. Default none.',
  ),
  staticPodURLHeader: headers('Headers of requests to staticPodURL: by name a list of values. Default none.'),
  httpCheckFrequency: durationMs('How often staticPodURL is asked. Default 20s.'),
  shutdownGracePeriod: durationMs(
    'How long the shutdown of the machine is delayed for its pods to end, by logind; its InhibitDelayMaxSec must allow it. Default 0, not at all.',
  ),
  shutdownGracePeriodCriticalPods: durationMs(
    'The part of it that critical pods have, after all others. Default 0.',
  ),
  shutdownGracePeriodByPodPriority: shutdownPeriods(
    'Instead of both, for each priority how many seconds its pods have, the lowest priority first.',
  ),
} satisfies Arguments;
