/** The configuration of a cluster's own containerd, which shares nothing with the machine's containerd. */

export interface ContainerdSettings {
  readonly rootDir: string;
  readonly stateDir: string;
  readonly socket: string;
  readonly pauseImage: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** Of `hosts.toml` files, read at each pull. */
  readonly registryDir: string;
  /** Set where the machine does not permit lowering a process's oom score. */
  readonly restrictOomScore: boolean;
  readonly appArmor: boolean;
}

const quoted = (text: string) => JSON.stringify(text);

/** Unused plugins: each would only cost start time or log a warning. */
const disabledPlugins = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
];

export function containerdConfig(settings: ContainerdSettings): string {
  return `version = 2
root = ${quoted(settings.rootDir)}
state = ${quoted(settings.stateDir)}
disabled_plugins = [${disabledPlugins.map(quoted).join(', ')}]

[grpc]
  address = ${quoted(settings.socket)}

[ttrpc]
  address = ${quoted(`${settings.socket}.ttrpc`)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(settings.pauseImage)}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  restrict_oom_score_adj = ${settings.restrictOomScore}
  disable_apparmor = ${!settings.appArmor}
  tolerate_missing_hugetlb_controller = true
  netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = ${quoted(settings.cniBinDir)}
  conf_dir = ${quoted(settings.cniConfDir)}

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = ${quoted(settings.registryDir)}

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}
