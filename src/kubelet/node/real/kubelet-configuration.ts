/** The KubeletConfiguration of a node in upstream's form, for `/configz`: what is in force, and nothing that is not built. */

import type { KubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Reserved } from '#api/configuration/kubelet/reserved.ts';
import type { EvictionThreshold, ThresholdAmount } from '#api/configuration/kubelet/thresholds.ts';
import { goDurationText } from '#api/go/duration.ts';
import { cpuListText } from '#base/text/cpu-list.ts';
import { logBytesMax, logFilesMax } from '../../machine/machine-logs.ts';
import { lookIntervalMs, reportIntervalMs } from '../agent.ts';
import { leaseDurationSeconds } from '../lease.ts';

export interface ConfiguredNode {
  readonly config: KubeletConfiguration;
  readonly nodeIp: string;
  readonly port: number;
  readonly clusterDns: string;
  readonly clusterDomain: string;
}

const bytesPerMebibyte = 2 ** 20;

export function kubeletConfiguration(node: ConfiguredNode): object {
  const { config, nodeIp, port, clusterDns, clusterDomain } = node;
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    enableServer: true,
    address: nodeIp,
    port,
    authentication: { webhook: { enabled: true }, anonymous: { enabled: false } },
    authorization: { mode: 'Webhook' },
    ...staticPodFields(config.staticPods),
    clusterDomain,
    clusterDNS: [clusterDns],
    nodeStatusUpdateFrequency: goDurationText(lookIntervalMs),
    nodeStatusReportFrequency: goDurationText(reportIntervalMs),
    nodeLeaseDurationSeconds: leaseDurationSeconds,
    ...imageFields(config.images),
    cgroupsPerQOS: true,
    cgroupDriver: 'cgroupfs',
    ...cpuFields(config.cpus),
    ...topologyFields(config.topology),
    ...memoryFields(config.memory),
    maxPods: config.podsMax,
    podPidsLimit: config.pidsPerPodMax ?? -1,
    resolvConf: '/etc/resolv.conf',
    ...evictionFields(config.eviction),
    ...reservationFields(config),
    containerLogMaxSize: `${logBytesMax / bytesPerMebibyte}Mi`,
    containerLogMaxFiles: logFilesMax,
  };
}

/** Values of headers are secrets. */
function staticPodFields({ path, intervalMs, address }: KubeletConfiguration['staticPods']) {
  const headers = address?.headers.map(([name]) => [name, ['<masked>']]) ?? [];
  return {
    ...(path === undefined ? {} : { staticPodPath: path }),
    fileCheckFrequency: goDurationText(intervalMs),
    ...(address ? { staticPodURL: address.url, httpCheckFrequency: goDurationText(address.intervalMs) } : {}),
    ...(headers.length > 0 ? { staticPodURLHeader: Object.fromEntries(headers) } : {}),
  };
}

function reservationFields({ reservedFor, enforcement }: KubeletConfiguration) {
  const texts = (reserved: Reserved) =>
    Object.fromEntries(Array.from(reserved, ([name, quantity]) => [name, String(quantity)]));
  const groups = enforcement.groups.map(({ owner, cgroup }) => [`${owner}ReservedCgroup`, cgroup]);
  const keys = enforcement.groups.map(
    ({ owner, compressibleOnly }) => `${owner}-reserved${compressibleOnly ? '-compressible' : ''}`,
  );
  const enforced = [...(enforcement.pods ? ['pods'] : []), ...keys];
  return {
    ...(reservedFor.system.size > 0 ? { systemReserved: texts(reservedFor.system) } : {}),
    ...(reservedFor.kube.size > 0 ? { kubeReserved: texts(reservedFor.kube) } : {}),
    ...Object.fromEntries(groups),
    enforceNodeAllocatable: enforced.length > 0 ? enforced : ['none'],
  };
}

function cpuFields({ policy, reserved, reconcileMs, ...options }: KubeletConfiguration['cpus']) {
  const set = {
    ...(options.fullCoresOnly ? { 'full-pcpus-only': 'true' } : {}),
    ...(options.prefersOneCache ? { 'prefer-align-cpus-by-uncorecache': 'true' } : {}),
    ...(options.strictReservation ? { 'strict-cpu-reservation': 'true' } : {}),
  };
  return {
    cpuManagerPolicy: policy,
    ...(Object.keys(set).length > 0 ? { cpuManagerPolicyOptions: set } : {}),
    cpuManagerReconcilePeriod: goDurationText(reconcileMs),
    ...(reserved ? { reservedSystemCPUs: cpuListText(reserved) } : {}),
  };
}

function memoryFields({ policy, reserved }: KubeletConfiguration['memory']) {
  const reservedMemory = reserved.map(({ numaNode, limits }) => ({
    numaNode,
    limits: Object.fromEntries(Array.from(limits, ([name, quantity]) => [name, String(quantity)])),
  }));
  return { memoryManagerPolicy: policy, ...(reservedMemory.length > 0 ? { reservedMemory } : {}) };
}

function topologyFields({ policy, scope, prefersClosest, numaNodesMax }: KubeletConfiguration['topology']) {
  const set = {
    ...(prefersClosest ? { 'prefer-closest-numa-nodes': 'true' } : {}),
    ...(numaNodesMax === 8 ? {} : { 'max-allowable-numa-nodes': String(numaNodesMax) }),
  };
  return {
    topologyManagerPolicy: policy,
    topologyManagerScope: scope,
    ...(Object.keys(set).length > 0 ? { topologyManagerPolicyOptions: set } : {}),
  };
}

function imageFields({ parallelPullsMax, garbage }: KubeletConfiguration['images']) {
  return {
    serializeImagePulls: parallelPullsMax === 1,
    maxParallelImagePulls: parallelPullsMax,
    imageMinimumGCAge: goDurationText(garbage.ageMinMs),
    imageMaximumGCAge: goDurationText(garbage.ageMaxMs ?? 0),
    imageGCHighThresholdPercent: garbage.highPercent,
    imageGCLowThresholdPercent: garbage.lowPercent,
  };
}

function evictionFields({
  thresholds,
  pressureTransitionMs,
  podGraceSecondsMax,
}: KubeletConfiguration['eviction']) {
  // Of all pods together: it follows from the threshold of memory.
  const own = thresholds.filter(({ signal }) => signal !== 'allocatableMemory.available');
  const hard = own.filter(({ graceMs }) => graceMs === 0);
  const soft = own.filter(({ graceMs }) => graceMs > 0);
  const amounts = (list: readonly EvictionThreshold[]) =>
    Object.fromEntries(list.map(({ signal, amount }) => [signal, amountText(amount)]));
  const reclaim = own.flatMap(({ signal, minReclaim }) =>
    minReclaim ? [[signal, amountText(minReclaim)] as const] : [],
  );
  return {
    evictionHard: amounts(hard),
    ...(soft.length > 0
      ? {
          evictionSoft: amounts(soft),
          evictionSoftGracePeriod: Object.fromEntries(
            soft.map(({ signal, graceMs }) => [signal, goDurationText(graceMs)]),
          ),
        }
      : {}),
    ...(reclaim.length > 0 ? { evictionMinimumReclaim: Object.fromEntries(reclaim) } : {}),
    evictionPressureTransitionPeriod: goDurationText(pressureTransitionMs),
    evictionMaxPodGracePeriod: podGraceSecondsMax,
  };
}

function amountText(amount: ThresholdAmount): string {
  return 'share' in amount ? `${Math.round(amount.share * 10_000) / 100}%` : String(amount.quantity);
}
