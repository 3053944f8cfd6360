/** The kubeconfig document of one user of one cluster. */

export interface KubeconfigOptions {
  /** Names the cluster and the context: `kybern-dev`. */
  readonly clusterName: string;
  readonly userName: string;
  readonly server: string;
  readonly caPem: string;
  /** Either a client certificate with its key, or a bearer token. */
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  readonly namespace?: string;
}

export interface Kubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  'current-context': string;
  clusters: { name: string; cluster: Record<string, string> }[];
  contexts: { name: string; context: Record<string, string> }[];
  users: { name: string; user: Record<string, string> }[];
}

export function kubeconfig(options: KubeconfigOptions): Kubeconfig {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user: Record<string, string> = {};
  if (options.certPem) user['client-certificate-data'] = base64(options.certPem);
  if (options.keyPem) user['client-key-data'] = base64(options.keyPem);
  if (options.token) user['token'] = options.token;
  const { clusterName: name, userName, namespace } = options;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      { name, cluster: { 'certificate-authority-data': base64(options.caPem), server: options.server } },
    ],
    contexts: [{ name, context: { cluster: name, user: userName, ...(namespace ? { namespace } : {}) } }],
    users: [{ name: userName, user }],
  };
}

/** As YAML. Every value is a string of one line, so JSON's quoting is sufficient. */
export function kubeconfigYaml(config: Kubeconfig): string {
  const lines = [`apiVersion: ${config.apiVersion}`, `kind: ${config.kind}`];
  lines.push(`current-context: ${JSON.stringify(config['current-context'])}`);
  const entry = (name: string, key: string, values: Record<string, string>) => {
    lines.push(`- name: ${JSON.stringify(name)}`, `  ${key}:`);
    for (const [field, value] of Object.entries(values)) lines.push(`    ${field}: ${JSON.stringify(value)}`);
  };
  lines.push('clusters:');
  for (const { name, cluster } of config.clusters) entry(name, 'cluster', cluster);
  lines.push('contexts:');
  for (const { name, context } of config.contexts) entry(name, 'context', context);
  lines.push('users:');
  for (const { name, user } of config.users) entry(name, 'user', user);
  return `${lines.join('\n')}\n`;
}
