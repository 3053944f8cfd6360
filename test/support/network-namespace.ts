/** A network of its own beside the machine's, without a name: gone with the shell that lives in it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface NetworkNamespace {
  /** As `ip link … netns` takes it. */
  readonly pid: string;
  /** What to put in front of a command that is to run inside. */
  readonly enter: readonly string[];
  leave(): void;
}

export async function networkNamespace(): Promise<NetworkNamespace> {
  const shell = spawn('unshare', ['--net', 'sh', '-c', 'echo there; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(shell.stdout, 'data');
  const pid = String(shell.pid);
  return { pid, enter: ['nsenter', `--net=/proc/${pid}/ns/net`], leave: () => shell.stdin.end() };
}
