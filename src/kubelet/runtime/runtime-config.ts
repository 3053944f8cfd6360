/**
 * The shape of what sandboxes and containers are made from: the configurations of the container runtime
 * interface.
 */

export interface SandboxConfig {
  metadata: { name: string; uid: string; namespace: string; attempt: number };
  hostname: string;
  logDirectory: string;
  dnsConfig?: { servers: string[]; searches: string[]; options: string[] };
  portMappings: { protocol: string; containerPort: number; hostPort: number; hostIp: string }[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  linux: {
    cgroupParent: string;
    sysctls: Record<string, string>;
    securityContext: SandboxSecurity;
  };
}

export interface SelinuxOptions {
  user: string;
  role: string;
  type: string;
  level: string;
}

type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';

export interface NamespaceOptions {
  network: NamespaceMode;
  pid: NamespaceMode;
  ipc: NamespaceMode;
  targetId?: string;
}

export interface SecurityProfile {
  profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  localhostRef?: string;
}

export interface SandboxSecurity {
  namespaceOptions: NamespaceOptions;
  runAsUser?: { value: number };
  runAsGroup?: { value: number };
  supplementalGroups: number[];
  privileged: boolean;
  seccomp?: SecurityProfile;
  selinuxOptions?: SelinuxOptions;
}

export interface ContainerSecurity {
  namespaceOptions: NamespaceOptions;
  capabilities?: { addCapabilities: string[]; dropCapabilities: string[] };
  privileged: boolean;
  runAsUser?: { value: number };
  runAsGroup?: { value: number };
  runAsUsername?: string;
  readonlyRootfs: boolean;
  supplementalGroups: number[];
  noNewPrivs: boolean;
  maskedPaths: string[];
  readonlyPaths: string[];
  seccomp?: SecurityProfile;
  apparmor?: SecurityProfile;
  selinuxOptions?: SelinuxOptions;
}

export interface ContainerMount {
  containerPath: string;
  hostPath: string;
  readonly: boolean;
  propagation: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL';
}

export interface ContainerDevice {
  containerPath: string;
  hostPath: string;
  /** Of `m` (make nodes), `r` and `w`. */
  permissions: string;
}

export interface LinuxResources {
  cpuPeriod?: number;
  cpuQuota?: number;
  cpuShares?: number;
  /** The processors it may use, such as `0-1,4`. */
  cpusetCpus?: string;
  /** The NUMA nodes whose memory it may use, such as `0`. */
  cpusetMems?: string;
  memoryLimitInBytes?: number;
  memorySwapLimitInBytes?: number;
  oomScoreAdj?: number;
  /** Of every page size of the machine: without a limit a container could take them all. */
  hugepageLimits?: { pageSize: string; limit: number }[];
  unified?: Record<string, string>;
}

export interface ContainerConfig {
  metadata: { name: string; attempt: number };
  image: { image: string; userSpecifiedImage?: string };
  command: string[];
  args: string[];
  workingDir: string;
  envs: { key: string; value: string }[];
  mounts: ContainerMount[];
  devices: ContainerDevice[];
  /** In the case that upstream's .proto file writes; containerd knows it from 1.7 on. */
  CDIDevices: { name: string }[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Relative to the sandbox's log directory. */
  logPath: string;
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  linux: { resources: LinuxResources; securityContext: ContainerSecurity };
}
