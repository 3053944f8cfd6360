/** Debian's `docker-registry` on loopback, for one test: with a certificate, for one user. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';

export interface RegistrySettings {
  /** A folder of its own. */
  readonly dir: string;
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
}

/** The only user, and how the registry knows the password. */
export const registryUser = { username: 'user', password: 'secret' };
const passwordFile = 'user:$2y$05$E3UsLXb4E1F1hjG3cE7xNuvvy4CvUsG3MbBeFr6mBkMKfXmJ2dRFW\n';

export class ImageRegistry {
  readonly host: string;
  readonly #settings: RegistrySettings;
  #process: ChildProcess | undefined;

  constructor(settings: RegistrySettings) {
    const { dir, port, certPem, keyPem } = settings;
    this.#settings = settings;
    this.host = `127.0.0.1:${port}`;
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${dir}/cert.pem`, certPem);
    writeFileSync(`${dir}/key.pem`, keyPem, { mode: 0o600 });
    writeFileSync(`${dir}/passwords`, passwordFile);
    writeFileSync(`${dir}/config.yml`, configOf(settings));
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { dir } = this.#settings;
    const process = spawn('docker-registry', ['serve', `${dir}/config.yml`], { stdio: 'ignore' });
    this.#process = process;
    while (!(await this.#answers())) {
      if (process.exitCode !== null) throw new Error(`docker-registry ended with ${process.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const process = this.#process;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const exit = once(process, 'exit');
    process.kill('SIGKILL');
    await exit;
  }

  #answers(): Promise<boolean> {
    const { port } = this.#settings;
    return new Promise((resolve) => {
      request({ host: '127.0.0.1', port, path: '/v2/', rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 401);
      })
        .on('error', () => resolve(false))
        .end();
    });
  }
}

function configOf({ dir, port }: RegistrySettings): string {
  return `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${dir}/images } }
http:
  addr: 127.0.0.1:${port}
  tls: { certificate: ${dir}/cert.pem, key: ${dir}/key.pem }
auth: { htpasswd: { realm: test, path: ${dir}/passwords } }
`;
}
