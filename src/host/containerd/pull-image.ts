/**
 * Pulls an image as the kubelet does, through the runtime interface: with its hosts.toml files, and with the password in
 * the message.
 */

import { ContainerdApi } from './api.ts';
import type { PullProgress } from './pull-progress.ts';
import { PullWatch } from './pull-watch.ts';

/** A name and password, or a token in their place. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  /** The only server that is given them: `https://mirror.example.com:5000`. */
  readonly serverAddress: string;
}

export interface PullOptions {
  readonly login?: RegistryLogin | undefined;
  /** Called about twice a second while layers are being read. */
  readonly onProgress: (progress: PullProgress) => void;
}

const pull = {
  path: '/runtime.v1.ImageService/PullImage',
  request: 'PullImageRequest',
  response: 'PullImageResponse',
};
const lookMs = 500;

/** `name`: a full name. Rejects with containerd's reason. */
export async function pullImage(
  socket: string,
  name: string,
  { login, onProgress }: PullOptions,
): Promise<void> {
  const api = new ContainerdApi(socket);
  const stop = watch(new PullWatch(socket, name), onProgress);
  try {
    const request = { image: { image: name }, ...(login ? { auth: login } : {}) };
    // However large the image: who has asked for it sees the progress.
    await api.call(pull, request, { timeoutMs: Number.POSITIVE_INFINITY });
  } finally {
    stop();
    api.close();
  }
}

/** Asks again when the last answer has been given: a slow containerd is not asked more often than it answers. */
function watch(pullWatch: PullWatch, onProgress: (progress: PullProgress) => void): () => void {
  let timer: NodeJS.Timeout;
  let isStopped = false;
  const look = async () => {
    try {
      const { progress } = await pullWatch.look();
      if (progress && !isStopped) onProgress(progress);
    } catch {
      // What cannot be shown: the pull itself says whether it fails.
    }
    if (!isStopped) timer = setTimeout(look, lookMs);
  };
  timer = setTimeout(look, lookMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    pullWatch.close();
  };
}
