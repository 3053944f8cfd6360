/**
 * Writes a set of files so that a reader sees all of the old ones or all of the new ones, never a mixture:
 * they are in a directory of their own, `..data` links to it, and every visible name links through `..data`.
 */

import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';

export interface ProjectedFile {
  readonly content: Uint8Array;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

const dataLink = '..data';

/** Whether a set of files was written there, and whole. */
export async function hasFiles(dir: string): Promise<boolean> {
  return (await readlink(`${dir}/${dataLink}`).catch(() => undefined)) !== undefined;
}

/** Paths are relative, `a/b` allowed. Returns whether something changed. */
export async function writeAtomically(
  dir: string,
  files: ReadonlyMap<string, ProjectedFile>,
): Promise<boolean> {
  const oldVersion = await readlink(`${dir}/${dataLink}`).catch(() => undefined);
  if (oldVersion !== undefined && (await sameFiles(`${dir}/${oldVersion}`, files))) return false;
  const version = await mkdtemp(`${dir}/..${stamp()}.`);
  await chmod(version, 0o755);
  for (const [path, file] of files) await writeOne(version, path, file);
  await symlink(version.slice(dir.length + 1), `${dir}/${dataLink}_tmp`);
  await rename(`${dir}/${dataLink}_tmp`, `${dir}/${dataLink}`);
  await linkNames(dir, files);
  if (oldVersion !== undefined) await rm(`${dir}/${oldVersion}`, { recursive: true, force: true });
  return true;
}

async function writeOne(version: string, path: string, file: ProjectedFile): Promise<void> {
  const target = `${version}/${path}`;
  const parent = target.slice(0, target.lastIndexOf('/'));
  if (parent !== version) await mkdir(parent, { recursive: true, mode: 0o755 });
  await writeFile(target, file.content);
  await chmod(target, file.mode);
  if (file.uid !== undefined || file.gid !== undefined) await chown(target, file.uid ?? 0, file.gid ?? 0);
}

/** The link of a top-level file gets the file's owner, as upstream. */
async function linkNames(dir: string, files: ReadonlyMap<string, ProjectedFile>): Promise<void> {
  const names = new Set([...files.keys()].map((path) => path.split('/')[0]!));
  const present = (await readdir(dir)).filter((name) => !name.startsWith('..'));
  for (const name of names) {
    if (present.includes(name)) continue;
    await symlink(`${dataLink}/${name}`, `${dir}/${name}`);
    const uid = files.get(name)?.uid;
    if (uid !== undefined) await lchown(`${dir}/${name}`, uid, 0);
  }
  for (const name of present) if (!names.has(name)) await unlink(`${dir}/${name}`);
}

async function sameFiles(version: string, files: ReadonlyMap<string, ProjectedFile>): Promise<boolean> {
  const present = (await readdir(version, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(version.length + 1));
  if (present.length !== files.size) return false;
  for (const path of present) {
    const file = files.get(path);
    if (!file || !(await readFile(`${version}/${path}`)).equals(file.content)) return false;
    if (((await stat(`${version}/${path}`)).mode & 0o777) !== (file.mode & 0o777) && file.gid === undefined) {
      return false;
    }
  }
  return true;
}

/** `2026_01_02_03_04_05`, as upstream names the directories. */
function stamp(): string {
  return new Date().toISOString().slice(0, 19).replace(/[-T:]/g, '_');
}
