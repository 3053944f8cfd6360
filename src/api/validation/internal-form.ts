/**
 * Upstream's internal structs of the core group as JSON: Go's names, Go's order of fields, `null` and zeros
 * for fields that are not set. Messages show values and differences in this form.
 */

import type { JsonObject } from '#wire/json/value.ts';
import { GoText } from '../go/text.ts';
import { loadSchema } from '../schema/load-schema.ts';
import type { FieldDef, TypeRef } from '../schema/schema.ts';
import { parseQuantity } from '../values/quantity.ts';

const core = 'io.k8s.api.core.v1.';

/** `kind` is a type of the core group: `PodSpec`. */
export function internalForm(value: unknown, kind: string): unknown {
  return structForm((value ?? {}) as JsonObject, core + kind);
}

/** For a message: one line of JSON. Go writes a nil list as `null`. */
export function internalText(value: unknown, kind: string): GoText {
  if (!Array.isArray(value)) return new GoText(JSON.stringify(internalForm(value, kind)));
  const forms = value.map((value) => internalForm(value, kind));
  return new GoText(JSON.stringify(forms.length > 0 ? forms : null));
}

/**
 * Types whose Go order is not that of the protobuf numbers. Fields that are not named follow in the order of
 * those numbers.
 */
const orders: Readonly<Record<string, string>> = {
  PodSpec:
    'volumes initContainers containers ephemeralContainers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName automountServiceAccountToken nodeName securityContext imagePullSecrets hostname subdomain setHostnameAsFQDN affinity schedulerName tolerations hostAliases priorityClassName priority preemptionPolicy dnsConfig readinessGates runtimeClassName overhead enableServiceLinks topologySpreadConstraints os schedulingGates resourceClaims resources hostnameOverride schedulingGroup',
  PodSecurityContext:
    'hostNetwork hostPID hostIPC shareProcessNamespace hostUsers seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot supplementalGroups supplementalGroupsPolicy fsGroup fsGroupChangePolicy sysctls seccompProfile appArmorProfile seLinuxChangePolicy',
  SecurityContext:
    'capabilities privileged seLinuxOptions windowsOptions runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation procMount seccompProfile appArmorProfile',
  Volume:
    'name hostPath emptyDir gcePersistentDisk awsElasticBlockStore gitRepo secret nfs iscsi glusterfs persistentVolumeClaim rbd quobyte flexVolume cinder cephfs flocker downwardAPI fc azureFile configMap vsphereVolume azureDisk photonPersistentDisk projected portworxVolume scaleIO storageos csi ephemeral image',
  VolumeMount: 'name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr',
  EnvFromSource: 'prefix configMapRef secretRef',
  Probe:
    'exec httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold terminationGracePeriodSeconds',
  PersistentVolumeClaimSpec:
    'accessModes selector resources volumeName storageClassName volumeMode dataSource dataSourceRef volumeAttributesClassName',
  ISCSIVolumeSource:
    'targetPortal iqn lun iscsiInterface fsType readOnly portals chapAuthDiscovery chapAuthSession secretRef initiatorName',
};

const containerOrder =
  'name image command args workingDir ports envFrom env resources resizePolicy restartPolicy restartPolicyRules volumeMounts volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty';

const ordersByName: Readonly<Record<string, string>> = {
  ...orders,
  Container: containerOrder,
  EphemeralContainer: `${containerOrder} targetContainerName`,
};

/** Go names that differ from the capitalized field name. */
const goNames: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdID: 'PdID',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  targetWWNs: 'TargetWWNs',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  wwids: 'WWIDs',
};

/** Fields of the pod that the internal type keeps in its security context. */
const inSecurityContext = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** The same for fields of one type. */
const goNamesOfTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GlusterfsVolumeSource: { endpoints: 'EndpointsName' },
  RBDVolumeSource: {
    monitors: 'CephMonitors',
    image: 'RBDImage',
    pool: 'RBDPool',
    user: 'RadosUser',
  },
};

interface Member {
  readonly goName: string;
  readonly field: FieldDef;
  readonly zero: unknown;
}

const membersByType = new Map<string, readonly Member[]>();

function membersOf(typeName: string): readonly Member[] {
  let members = membersByType.get(typeName);
  if (!members) {
    members = readMembers(typeName);
    membersByType.set(typeName, members);
  }
  return members;
}

function readMembers(typeName: string): Member[] {
  const short = typeName.slice(core.length);
  const order = ordersByName[short]?.split(' ') ?? [];
  const place = (field: FieldDef) => {
    const at = order.indexOf(field.name);
    return at < 0 ? order.length + (field.protobuf ?? 0) : at;
  };
  return fieldsOf(short)
    .sort((a, b) => place(a) - place(b))
    .map((field) => ({
      goName:
        goNamesOfTypes[short]?.[field.name] ??
        goNames[field.name] ??
        field.name[0]!.toUpperCase() + field.name.slice(1),
      field,
      zero: zeroOf(field),
    }));
}

function fieldsOf(kind: string): FieldDef[] {
  const named = (name: string) => [
    ...loadSchema()
      .type(core + name)
      .fields.values(),
  ];
  if (kind === 'PodSpec') {
    return named(kind).filter(({ name }) => !inSecurityContext.includes(name) && name !== 'serviceAccount');
  }
  if (kind === 'PodSecurityContext') {
    return [...named(kind), ...named('PodSpec').filter(({ name }) => inSecurityContext.includes(name))];
  }
  // A struct that the volume's spec inlines has no type of its own in the schema.
  if (kind === 'PersistentVolumeSource') {
    return named('PersistentVolumeSpec').filter(({ inlined }) => inlined === kind);
  }
  return named(kind);
}

/** Go's JSON for a field that is not set. A field whose absence differs from its zero value is a pointer. */
function zeroOf(field: FieldDef): unknown {
  const { type } = field;
  if (type.kind === 'object') {
    return field.byValue ? structForm({}, type.name) : null;
  }
  if (type.kind === 'list' || type.kind === 'map') return null;
  if (type.kind === 'quantity' && field.name === 'divisor') return '0';
  const byValue = field.dropsZero || field.required;
  if (!byValue) return null;
  if (type.kind === 'boolean') return false;
  return type.kind === 'int32' || type.kind === 'int64' || type.kind === 'intOrString' ? 0 : '';
}

function structForm(value: JsonObject, typeName: string): unknown {
  // Types of meta/v1 use their JSON names in Go too.
  if (!typeName.startsWith(core)) return value;
  const source = typeName === `${core}PodSpec` ? withMovedFields(value) : value;
  const form: JsonObject = {};
  for (const { goName, field, zero } of membersOf(typeName)) {
    const value = source[field.name];
    // Go embeds the metadata of templates: their fields are those of the template.
    if (field.name === 'metadata') {
      Object.assign(form, value);
      continue;
    }
    form[goName] = value === undefined || value === null ? zero : formOf(value, field.type);
  }
  return form;
}

function withMovedFields(spec: JsonObject): JsonObject {
  const moved = Object.fromEntries(inSecurityContext.map((name) => [name, spec[name]]));
  return { ...spec, securityContext: { ...(spec['securityContext'] as JsonObject), ...moved } };
}

function formOf(value: unknown, type: TypeRef): unknown {
  switch (type.kind) {
    case 'object':
      return structForm(value as JsonObject, type.name);
    case 'list': {
      const items = value as unknown[];
      return items.length === 0 ? null : items.map((value) => formOf(value, type.of));
    }
    case 'map': {
      const entries = Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(entries.map(([key, value]) => [key, formOf(value, type.of)]));
    }
    case 'quantity':
      return String(parseQuantity(value as string));
    default:
      return value;
  }
}
