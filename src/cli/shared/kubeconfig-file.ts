/**
 * Adds and removes the context `kybern-NAME` in the user's kubeconfig, keeping everything else. A file that
 * is not a kubeconfig is an error, and is not changed.
 */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { removeIfEmpty } from '#host/files/remove-if-empty.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';

const lists = ['clusters', 'users', 'contexts'] as const;

/** The first file of $KUBECONFIG, or ~/.kube/config. */
export function kubeconfigPath(): string {
  return process.env['KUBECONFIG']?.split(':').find((path) => path !== '') ?? defaultPath();
}

function defaultPath(): string {
  return join(homedir(), '.kube', 'config');
}

/**
 * Merges the one cluster, user and context of `kubeconfig` and makes the context current. Returns the file's
 * path.
 */
export async function mergeKubeconfig(name: string, kubeconfig: string): Promise<string> {
  const path = kubeconfigPath();
  await withMachineLock(lockOf(path), async () => {
    const document = read(path);
    const added = parseDocument(kubeconfig);
    for (const list of lists) {
      dropEntry(document, list, contextName(name));
      const entry = (added.getIn([list, 0]) as YAMLMap).toJSON();
      if (!isSeq(document.get(list))) document.set(list, document.createNode([]));
      document.addIn([list], document.createNode(entry));
    }
    document.set('current-context', contextName(name));
    write(path, document);
  });
  return path;
}

/** Does nothing if there is no such context; a file that is empty then is removed. */
export async function removeFromKubeconfig(name: string): Promise<void> {
  const path = kubeconfigPath();
  if (!existsSync(path)) return;
  await withMachineLock(lockOf(path), async () => remove(path, name));
  if (path === defaultPath()) removeIfEmpty(dirname(path));
}

function remove(path: string, name: string): void {
  const document = read(path);
  let changed = false;
  for (const list of lists) changed = dropEntry(document, list, contextName(name)) || changed;
  if (document.get('current-context') === contextName(name)) document.set('current-context', '');
  if (changed && isEmpty(document)) rmSync(path);
  else if (changed) write(path, document);
}

/** Two clusters that start at once would each write the file without the other's context. */
function lockOf(path: string): string {
  return `${path}.kybern-lock`;
}

/** True when it contains no user data. */
function isEmpty(document: Document): boolean {
  return lists.every((list) => (document.toJSON()?.[list] ?? []).length === 0);
}

export function contextName(name: string): string {
  return `kybern-${name}`;
}

const empty = 'apiVersion: v1\nkind: Config\npreferences: {}\nclusters: []\nusers: []\ncontexts: []\n';

function read(path: string): Document {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const document = parseDocument(text);
  const wrong = document.errors[0]?.message.split('\n')[0] ?? wrongShape(document);
  if (wrong) throw new Error(`${path} is no kubeconfig: ${wrong}`);
  return document.contents === null || document.toJSON() === null ? parseDocument(empty) : document;
}

/** Undefined for a mapping whose lists are lists of mappings, and for an empty file. */
function wrongShape(document: Document): string | undefined {
  const value: unknown = document.toJSON();
  if (value === null) return undefined;
  if (!isMap(document.contents)) return 'it is not a mapping';
  for (const list of lists) {
    const entries = document.get(list);
    const isEmptyList = entries === undefined || entries === null;
    if (!isEmptyList && !(isSeq(entries) && entries.items.every(isMap))) {
      return `${list} is not a list of mappings`;
    }
  }
  return undefined;
}

function dropEntry(document: Document, list: string, name: string): boolean {
  const entries = document.get(list);
  if (!isSeq(entries)) return false;
  const at = entries.items.findIndex((item) => isMap(item) && item.get('name') === name);
  if (at < 0) return false;
  entries.items.splice(at, 1);
  return true;
}

function write(file: string, document: Document): void {
  mkdirSync(dirname(file), { recursive: true });
  // A symbolic link stays: its target is replaced.
  const path = existsSync(file) ? realpathSync(file) : file;
  writeFileSync(`${path}.kybern`, document.toString(), { mode: 0o600 });
  chmodSync(`${path}.kybern`, 0o600);
  renameSync(`${path}.kybern`, path);
}
