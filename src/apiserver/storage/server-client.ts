/** Reads and writes from inside the server, through the same storage path as requests. */

import { groupResource, type ResourceType } from '#api/meta/resource.ts';
import { notFound } from '#api/meta/status.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { CountingReader, Follower, ObjectFeed } from '../contract/stored-objects.ts';
import type { Resources } from '../registry/resources.ts';
import { objectOf } from '../registry/served-resource.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import { createObject } from './write/create-object.ts';
import { currentEntry } from './write/current-entry.ts';
import { deleteObject } from './write/delete-object.ts';
import { updateObject } from './write/update-object.ts';
import { systemContext } from './write/write.ts';

export function makeServerClient(parts: StorageParts): ServerClient {
  return {
    async get(type, namespace, name) {
      const served = parts.resources.of(type);
      const entry = await currentEntry(parts, served.storage!, namespace, name);
      if (!entry) throw notFound(type, name);
      return objectOf(served, entry);
    },
    async create(type, object) {
      const served = parts.resources.of(type);
      const namespace = object.metadata?.namespace ?? '';
      await createObject(parts, served, namespace, object, systemContext);
    },
    async guaranteedUpdate(type, namespace, name, change) {
      const served = parts.resources.of(type);
      const update = {
        change: (old: Parameters<typeof change>[0] | undefined) => change(old!),
      };
      const context = { ...systemContext, checked: false };
      return parseBytes((await updateObject(parts, served, namespace, name, update, context)).bytes);
    },
    async delete(type, namespace, name, options) {
      const served = parts.resources.of(type);
      const context = { ...systemContext, checked: false, dryRun: options.dryRun === true };
      return parseBytes((await deleteObject(parts, served, namespace, name, options, context)).bytes);
    },
  };
}

export function makeReader(resources: Resources): CountingReader {
  return {
    get(type, namespace, name) {
      return resources.of(type).storage?.cache.index.get(namespace, name)?.object();
    },
    list(type, namespace) {
      const entries = resources.of(type).storage?.cache.index.list(namespace || undefined) ?? [];
      return entries.map((entry) => entry.object());
    },
    changes: (type) => resources.of(type).storage?.cache.changes ?? 0,
  };
}

export function makeFeed(resources: Resources): ObjectFeed {
  const followers = new Map<string, Set<Follower>>();
  const cacheOf = ({ group, version, resource }: ResourceType) =>
    resources.find(group, version, resource)?.storage?.cache;
  // A resource that comes back has another cache, and one that is replaced may count otherwise.
  resources.onChange(({ added }) => {
    if (!added) return;
    for (const follower of followers.get(groupResource(added.type)) ?? []) {
      added.storage?.cache.followers.add(follower);
      follower.reloaded();
    }
  });
  return {
    entries: (type) => cacheOf(type)?.index.list() ?? [],
    follow(type, follower) {
      const known = followers.get(groupResource(type)) ?? new Set();
      followers.set(groupResource(type), known.add(follower));
      cacheOf(type)?.followers.add(follower);
    },
  };
}
