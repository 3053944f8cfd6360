/** Pod: defaults, Pending at creation, QoS class, graceful deletion. */

import { copyJson } from '#base/copy-json.ts';
import { pods } from '../../generated/kinds.gen.ts';
import type { PodSpec, PodStatus } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { replaceParts } from '../../kind/replace-parts.ts';
import { podQosClass } from '../../pods/qos.ts';
import { isPodTerminal } from '../../pods/state.ts';
import { appArmorWarnings, syncAppArmor } from './app-armor.ts';
import { podPrinter } from './columns.ts';
import { dropDisabledFields } from './defaults/disabled-fields.ts';
import { setPodOnlyDefaults, setPodSpecDefaults } from './defaults/spec.ts';
import { mergeLabelKeys } from './label-keys.ts';
import { podQuota } from './quota.ts';
import { resizedSpec } from './resize.ts';
import { validatePodCreate } from './validation/pod.ts';
import { validatePodResize } from './validation/resize.ts';
import { validatePodStatusUpdate } from './validation/status.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './validation/update.ts';
import { podWarnings } from './validation/warnings/warnings.ts';

/** Go writes a zero time as null. */
const neverProbed = null as unknown as string;

export const pod = defineKind(pods, {
  hasGeneration: true,

  setDefaults(pod) {
    pod.spec ??= {} as PodSpec;
    setPodSpecDefaults(pod.spec);
    setPodOnlyDefaults(pod.spec);
    agreeOnIps(pod.status);
  },

  dropDisabled: ({ spec }) => dropDisabledFields(spec),

  prepareForCreate(pod, now) {
    pod.status = { phase: 'Pending', qosClass: podQosClass(pod) };
    if (pod.spec?.schedulingGates?.length) {
      pod.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: neverProbed,
          lastTransitionTime: now,
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    }
    mergeLabelKeys(pod);
    syncAppArmor(pod);
  },

  prepareForUpdate(pod, old) {
    pod.status = copyJson(old.status ?? {});
  },

  prepareForStatusUpdate(pod, old) {
    const { metadata, status = {} } = pod;
    pod.spec = copyJson(old.spec) as PodSpec;
    // A kubelet cannot change the deletion timestamp or owner references; the QoS class is immutable.
    pod.metadata = {
      ...metadata,
      deletionTimestamp: undefined,
      ownerReferences: copyJson(old.metadata?.ownerReferences),
    };
    // An old kubelet omits it.
    if (old.status?.qosClass) status.qosClass ||= old.status.qosClass;
    // Of feature gates that are off.
    delete status.nodeAllocatableResourceClaimStatuses;
    dropVolumeStatuses(status);
    keepObservedGenerations(status, old.status);
    pod.status = status;
  },

  validate: validatePodCreate,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  subresources: {
    ephemeralcontainers: {
      prepareForUpdate: (pod, old) =>
        replaceParts(pod, old, {
          spec: { ...old.spec!, ephemeralContainers: pod.spec?.ephemeralContainers },
        }),
      validateUpdate: validateEphemeralContainersUpdate,
    },
    resize: {
      prepareForUpdate: (pod, old) => replaceParts(pod, old, { spec: resizedSpec(pod.spec, old.spec) }),
      validateUpdate: validatePodResize,
    },
  },
  warningsBeforeCreate: appArmorWarnings,
  // Updates cause no warnings: frequent writers are controllers and kubelets, not people.
  warnings: (pod, old) => (old ? [] : podWarnings(pod)),

  selectableFields(pod) {
    return {
      'spec.nodeName': pod.spec?.nodeName ?? '',
      'spec.restartPolicy': pod.spec?.restartPolicy ?? '',
      'spec.schedulerName': pod.spec?.schedulerName ?? '',
      'spec.serviceAccountName': pod.spec?.serviceAccountName ?? '',
      'spec.hostNetwork': String(pod.spec?.hostNetwork ?? false),
      'status.phase': pod.status?.phase ?? '',
      // The old name of spec.nodeName.
      'spec.host': pod.spec?.nodeName ?? '',
      'status.podIP': pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '',
      // Upstream accepts this selector, but gives it no value.
      'status.podIPs': '',
      'status.nominatedNodeName': pod.status?.nominatedNodeName ?? '',
    };
  },

  /** As requested, else the pod's own period; 0 when no kubelet has anything to stop. */
  gracefulDeletionSeconds(pod, requestedSeconds) {
    const seconds = requestedSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
    if (!pod.spec?.nodeName) return 0;
    if (isPodTerminal(pod)) return 0;
    return seconds < 0 ? 1 : seconds;
  },
  keptByStatus: ['ownerReferences'],
  resetFields: { status: ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'] },
  ownsOnly: {
    ephemeralcontainers: ['spec.ephemeralContainers'],
    resize: ['containers', 'initContainers'].flatMap((list) =>
      ['resources', 'resizePolicy'].map((field) => `spec.${list}.*.${field}`),
    ),
  },
  quota: podQuota,
  printer: podPrinter,
});

/** podIP is the first of podIPs; a client that sets only the old field means both. */
function agreeOnIps(status: PodStatus | undefined): void {
  if (!status) return;
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  else if (status.podIPs?.length) status.podIP = status.podIPs[0]?.ip;
}

/**
 * observedGeneration that a writer omits is kept: in the status, and in its conditions, matched by type and
 * order.
 */
function keepObservedGenerations(status: PodStatus, old: PodStatus = {}): void {
  if (!status.observedGeneration && old.observedGeneration) {
    status.observedGeneration = old.observedGeneration;
  }
  const before = Map.groupBy([...(old.conditions ?? [])].reverse(), (condition) => condition.type);
  for (const condition of status.conditions ?? []) {
    const was = before.get(condition.type)?.pop();
    if (!condition.observedGeneration && was?.observedGeneration) {
      condition.observedGeneration = was.observedGeneration;
    }
  }
}

function dropVolumeStatuses(status: PodStatus): void {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  for (const container of [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]) {
    for (const mount of container.volumeMounts ?? []) if (mount.volumeStatus) delete mount.volumeStatus;
  }
}
