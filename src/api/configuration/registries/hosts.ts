/**
 * What containerd's `hosts.toml` files say of registries, made from `registries.yaml`:
 * https://github.com/containerd/containerd/blob/main/docs/hosts.md.
 */

import type { Registries, RegistryTls } from './registries.ts';

const quoted = (text: string) => JSON.stringify(text);

/** The text of each registry's file, by the name of its folder. */
export function registryHosts({ mirrors, hosts }: Registries): Map<string, string> {
  const files = new Map<string, string>();
  const endpoints = Object.values(mirrors).flatMap((mirror) => mirror.endpoints);
  const plain = new Set(endpoints.filter(({ protocol }) => protocol === 'http:').map(({ host }) => host));
  const names = [...Object.keys(mirrors), ...Object.keys(hosts), ...endpoints.map(({ host }) => host)];
  for (const registry of new Set(names)) {
    const lines = serverLines(registry, hosts[registry]?.tls, plain.has(registry));
    const mirror = mirrors[registry]?.endpoints ?? [];
    // containerd 1.6 refuses a file without the table.
    if (mirror.length === 0) lines.push('', '[host]');
    for (const endpoint of mirror) {
      lines.push(...endpointLines(endpoint, hosts[endpoint.host]?.tls));
    }
    files.set(registry === '*' ? '_default' : registry, `${lines.join('\n')}\n`);
  }
  return files;
}

/** Without a server line containerd knows the registry's own address, and speaks plain HTTP to loopback. */
function serverLines(registry: string, tls: RegistryTls | undefined, isPlain: boolean): string[] {
  if (registry === '*') return [];
  const scheme = isPlain ? 'http' : 'https';
  const server = tls || isPlain ? [`server = ${quoted(`${scheme}://${serverOf(registry)}`)}`] : [];
  return [...server, ...tlsLines(tls)];
}

/** The host that serves a registry: that of Docker Hub is another than its name. */
export function serverOf(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

function endpointLines(endpoint: URL, tls: RegistryTls | undefined): string[] {
  const path = endpoint.pathname.replace(/\/+$/, '');
  const isWhole = path !== '';
  return [
    '',
    `[host.${quoted(`${endpoint.origin}${path}`)}]`,
    'capabilities = ["pull", "resolve"]',
    ...(isWhole ? ['override_path = true'] : []),
    ...tlsLines(tls),
  ];
}

function tlsLines(tls: RegistryTls | undefined): string[] {
  if (!tls) return [];
  const { caFile, certFile, keyFile, skipVerify } = tls;
  return [
    ...(caFile ? [`ca = ${quoted(caFile)}`] : []),
    ...(certFile && keyFile ? [`client = [[${quoted(certFile)}, ${quoted(keyFile)}]]`] : []),
    ...(skipVerify ? ['skip_verify = true'] : []),
  ];
}
