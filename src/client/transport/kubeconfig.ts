/** Reads a kubeconfig file: the server's URL, the authorities that it must have, and the credentials to send. */

import { dirname, resolve } from 'node:path';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { readYaml } from '#wire/yaml/read.ts';

export interface KubeconfigAccess {
  readonly target: {
    readonly url: string;
    /** PEM. Without it the system's authorities are trusted. */
    readonly caPem?: string | undefined;
    /** The name that the server's certificate must have, if it is not the host. */
    readonly serverName?: string | undefined;
    readonly insecureSkipTlsVerify?: boolean;
    /** PEM. */
    readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined;
  };
  /** With the credentials of the current context. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Throws an Error for an invalid file. `readFile` also reads the certificate, key and token files that it names. */
export function readKubeconfig(path: string, readFile: (path: string) => string): KubeconfigAccess {
  const config = readYaml(readFile(path)).value;
  if (!isJsonObject(config)) throw new Error(`${path}: it is not a kubeconfig`);
  const context = named(path, config, 'contexts', 'context', config['current-context']);
  const cluster = named(path, config, 'clusters', 'cluster', context['cluster']);
  const user = context['user'] ? named(path, config, 'users', 'user', context['user']) : {};
  const pem = (entry: JsonObject, name: string) => {
    const inline = text(entry[`${name}-data`]);
    if (inline) return Buffer.from(inline, 'base64').toString();
    const file = text(entry[name]);
    return file ? readFile(resolve(dirname(path), file)) : undefined;
  };
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  const url = text(cluster['server']);
  if (!url) throw new Error(`${path}: the cluster of the current context has no server`);
  return {
    target: {
      url,
      caPem: pem(cluster, 'certificate-authority'),
      serverName: text(cluster['tls-server-name']),
      insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
      clientCertificate: cert && key ? { cert, key } : undefined,
    },
    headers: credentials(user, (file) => readFile(resolve(dirname(path), file))),
  };
}

function credentials(user: JsonObject, readFile: (path: string) => string): Record<string, string> {
  const tokenFile = text(user['tokenFile']);
  const token = tokenFile ? readFile(tokenFile).trim() : text(user['token']);
  if (token) return { authorization: `Bearer ${token}` };
  const name = text(user['username']);
  if (!name) return {};
  const pair = Buffer.from(`${name}:${text(user['password']) ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

function named(path: string, config: JsonObject, list: string, field: string, name: unknown): JsonObject {
  const entries = Array.isArray(config[list]) ? config[list] : [];
  const entry = entries.find((item: unknown) => isJsonObject(item) && item['name'] === name);
  const value = isJsonObject(entry) ? entry[field] : undefined;
  if (isJsonObject(value)) return value;
  throw new Error(`${path}: there is no ${field} named ${JSON.stringify(name ?? '')}`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
