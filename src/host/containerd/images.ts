/** The images of one containerd, by `ctr`: loaded from archives, listed, named, removed. */

import { tryCommand } from '../processes/command.ts';

const namespace = 'k8s.io';
const callTimeoutMs = 10 * 60_000;

interface ImageEntry {
  readonly name: string;
  /** Digest of the manifest: names with the same digest are the same image. */
  readonly digest: string;
}

/**
 * Loads every image of an OCI or Docker archive; returns their full names. `name`: a full name for the archive's image, in
 * place of those that the archive has. What is present already is not written again.
 */
export async function importImage(socket: string, archive: string, name?: string): Promise<string[]> {
  const naming = name === undefined ? [] : ['--index-name', name, '--base-name', unnamed];
  if (name === undefined) await mustHaveNames(archive);
  const output = await ctr(socket, ['images', 'import', '--snapshotter', 'overlayfs', ...naming, archive]);
  const found = [...output.matchAll(/unpacking (\S+)/g)].map((match) => match[1] ?? '').sort();
  for (const ref of found) if (ref.startsWith(`${unnamed}:`)) await removeImage(socket, ref);
  return found.filter((ref) => !ref.startsWith(`${unnamed}:`));
}

/** What containerd calls an image that has a tag alone in its archive, while it gets its name. */
const unnamed = 'kybern.local/unnamed';
const indexBytesMax = 4 * 1024 * 1024;

/** Of a tag alone containerd makes a name that the runtime interface cannot read: the image could not be used by any name. */
async function mustHaveNames(archive: string): Promise<void> {
  const options = { outputBytesMax: indexBytesMax };
  const { code, stdout } = await tryCommand('tar', ['-xOf', archive, 'index.json'], options);
  const index = code === 0 ? (JSON.parse(stdout) as { manifests?: Described[] }) : {};
  for (const { annotations = {} } of index.manifests ?? []) {
    const tag = annotations['org.opencontainers.image.ref.name'];
    if (annotations['io.containerd.image.name'] || tag === undefined || /[/:@]/.test(tag)) continue;
    throw new Error(`it has an image with the tag ${JSON.stringify(tag)} alone, and no name`);
  }
}

interface Described {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Full names, without the entries by digest that containerd keeps beside them. */
export async function listImages(socket: string): Promise<string[]> {
  return (await entries(socket)).filter(isNamed).map((entry) => entry.name);
}

/** Removes one full name, and the image with its last name; false when the name does not exist. */
export async function removeImage(socket: string, name: string): Promise<boolean> {
  const all = await entries(socket);
  const found = all.find((image) => image.name === name);
  if (!found) return false;
  const same = all.filter((image) => image.digest === found.digest);
  const last = same.filter(isNamed).length === 1;
  const names = last ? same.map((image) => image.name) : [name];
  await ctr(socket, ['images', 'remove', '--sync', ...names]);
  return true;
}

/** Gives a present image another full name; one that has it already loses it. */
export async function tagImage(socket: string, name: string, further: string): Promise<void> {
  await ctr(socket, ['images', 'tag', '--force', name, further]);
}

function isNamed({ name }: ImageEntry): boolean {
  return !name.startsWith('sha256:') && !name.includes('@sha256:');
}

async function entries(socket: string): Promise<ImageEntry[]> {
  const [, ...rows] = (await ctr(socket, ['images', 'list'])).trimEnd().split('\n');
  return rows.map((row) => {
    const [name = '', , digest = ''] = row.split(/\s+/);
    return { name, digest };
  });
}

export interface CtrOptions {
  /** Default ten minutes. */
  readonly timeoutMs?: number;
}

/** Throws with the tool's own message, without the command line. */
export async function ctr(
  socket: string,
  args: readonly string[],
  options: CtrOptions = {},
): Promise<string> {
  const full = ['--address', socket, '--namespace', namespace, ...args];
  const settings = { timeoutMs: callTimeoutMs, ...options };
  const { code, stdout, stderr } = await tryCommand('ctr', full, settings);
  if (code === 0) return stdout;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  throw new Error(said.replace(/^ctr: /, '') || `it ended with ${code}`);
}
